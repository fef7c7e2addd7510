import { Test } from '@nestjs/testing';
import { openBackend } from '../../lib/backends/open-backend';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { newJob } from '../../lib/core/policy/job-options';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { askMysql } from '../support/ask';
import { Opened } from '../support/opened';
import { type QueuePlace, queuePlaces } from '../support/queue-places';
import { selectedBackends } from '../support/test-servers';

const sql = selectedBackends().filter((name) => name !== 'memory' && name !== 'beanstalkd');

describe.each(sql)('jobs that are put together on %s', (name) => {
  const opened = new Opened();
  let place: QueuePlace;
  let backend: QueueBackend;

  beforeAll(async () => {
    place = await queuePlaces[name]();
    backend = opened.add(await openBackend(place.backend as string));
    await backend.connect();
  });
  afterAll(async () => {
    await opened.close();
    await place.remove();
  });

  it('are refused when the list has holes, and the queue goes on', async () => {
    const module = await Test.createTestingModule({
      imports: [JobQueueModule.forRoot({ backend: place.backend, workers: false })],
    }).compile();
    opened.add(module);
    await module.init();
    const queue = module.get(JobQueueService);
    const [holes, beside] = await Promise.allSettled([
      queue.addJobs('holes', new Array(1)),
      queue.addJob('holes', 1),
    ]);
    expect(holes).toMatchObject({ status: 'rejected', reason: { code: 'INVALID_JOB_OPTION' } });
    expect(beside.status).toBe('fulfilled');
    await queue.addJob('holes', 2);
    expect(await queue.getReadyCount('holes')).toBe(2);
  });

  it('are refused by the backend, too, and nobody else’s with them', async () => {
    const [holes, beside] = await Promise.allSettled([
      backend.put('mail', new Array(2)),
      backend.put('mail', [newJob('1')]),
    ]);
    expect(holes).toMatchObject({ status: 'rejected', reason: { code: 'INVALID_PAYLOAD' } });
    expect(beside.status).toBe('fulfilled');
    await expect(backend.put('mail', [newJob('2')])).resolves.toHaveLength(1);
  });

  it('are stored except for those of the call that the database refuses', async () => {
    const jobs = Array.from({ length: 20 }, (_, number) =>
      number === 7 ? { ...newJob('bad'), priority: -1 } : newJob(`${number}`),
    );
    const calls = await Promise.allSettled(jobs.map((job) => backend.put('refused', [job])));
    expect(calls.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([7]);
    expect((await backend.inspect.stats('refused')).ready).toBe(19);
  });

  if (name === 'mariadb' || name === 'mysql') {
    let packet: number;
    beforeAll(async () => {
      const [server] = (await askMysql(place.backend as string, 'select @@max_allowed_packet as packet')) as [
        { packet: number },
      ];
      packet = Number(server.packet);
    });

    it('are stored except for one that is larger than the server’s packet', async () => {
      const payload = `"${'x'.repeat(packet)}"`;
      const calls = await Promise.allSettled([
        ...Array.from({ length: 5 }, () => backend.put('large', [newJob('1')])),
        backend.put('large', [newJob(payload)]),
      ]);
      expect(calls.slice(0, 5).map(({ status }) => status)).toEqual(Array(5).fill('fulfilled'));
      expect(calls[5]).toMatchObject({ reason: { code: 'PAYLOAD_TOO_LARGE', limit: packet } });
    });

    it('keep their payload when the new one is larger than the server’s packet', async () => {
      const [put] = await backend.put('changed', [newJob('1')]);
      const change = { payload: `"${'x'.repeat(packet)}"`, priority: 1 };
      await expect(backend.features.editing?.change(put!.id, change)).rejects.toMatchObject({
        code: 'PAYLOAD_TOO_LARGE',
        limit: packet,
      });
      expect(await backend.inspect.find(put!.id)).toMatchObject({ payload: '1', priority: 1024 });
    });

    it('are stored when each of them fits in the packet, and all together do not', async () => {
      const payload = `"${'x'.repeat(packet * 0.4)}"`;
      const ids = await Promise.all(Array.from({ length: 3 }, () => backend.put('fits', [newJob(payload)])));
      expect(ids.flat()).toHaveLength(3);
      await expect(
        backend.put(
          'fits',
          Array.from({ length: 3 }, () => newJob(payload)),
        ),
      ).resolves.toHaveLength(3);
    });
  }
});
