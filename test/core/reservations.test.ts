import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { silentLogger } from '../../lib/core/contract/logger';
import { jsonCodec } from '../../lib/core/payload/payload-codec';
import { newJob } from '../../lib/core/policy/job-options';
import { Reservations } from '../../lib/core/reservations/reservations';
import { until } from '../support/until';

describe('leases of jobs that are reserved by hand', () => {
  let backend: QueueBackend;
  let open: number;

  beforeEach(async () => {
    backend = memoryBackend();
    await backend.connect();
    open = 0;
    const lease = backend.lease.bind(backend);
    jest.spyOn(backend, 'lease').mockImplementation(async (...args) => {
      const leases = await lease(...args);
      const close = leases.close.bind(leases);
      open += 1;
      return Object.assign(leases, {
        close: () => {
          open -= 1;
          return close();
        },
      });
    });
  });
  afterEach(() => backend.close());

  it('are closed when nobody has asked for these pipelines for a while, and made again', async () => {
    const reservations = new Reservations(backend, jsonCodec, silentLogger, 0.05);
    expect(await reservations.reserve(['mail'], 0)).toBeUndefined();
    expect(open).toBe(1);
    await until('they are closed', () => open === 0);
    await backend.put('mail', [newJob('1')]);
    const job = await reservations.reserve(['mail'], 0);
    expect(job?.payload).toBe(1);
    await reservations.settle(job!, { outcome: 'delete' });
    await until('they are closed again', () => open === 0);
    await reservations.close();
  });

  it('stay while a job is held, and for as long as somebody waits for one', async () => {
    const reservations = new Reservations(backend, jsonCodec, silentLogger, 0.05);
    await backend.put('mail', [newJob('1')]);
    const job = await reservations.reserve(['mail'], 0);
    const waiting = reservations.reserve(['letters'], 0.3);
    expect(await reservations.reserve(['parcels'], 0)).toBeUndefined();
    await until('the third ones are closed', () => open === 2);
    expect(await waiting).toBeUndefined();
    await until('the second ones are closed', () => open === 1);
    await reservations.settle(job!, { outcome: 'delete' });
    await until('the first ones are closed', () => open === 0);
    await reservations.close();
  });

  it('are few, however many sets of pipelines are asked for', async () => {
    const reservations = new Reservations(backend, jsonCodec, silentLogger, 60);
    for (let set = 0; set < 100; set += 1)
      expect(await reservations.reserve([`mail-${set}`, 'letters'], 0)).toBeUndefined();
    expect(open).toBe(10);
    await reservations.close();
    expect(open).toBe(0);
  });

  it('of a job whose time is over are closed, and the job is lost', async () => {
    const reservations = new Reservations(backend, jsonCodec, silentLogger, 0.05);
    await backend.put('mail', [newJob('1', { ttr: 1 })]);
    const job = await reservations.reserve(['mail'], 0);
    await until('they are closed', () => open === 0);
    await expect(job?.touch()).rejects.toMatchObject({ code: 'RESERVATION_LOST' });
    await expect(reservations.settle(job!, { outcome: 'delete' })).rejects.toMatchObject({
      code: 'RESERVATION_LOST',
    });
    await reservations.close();
  });
});
