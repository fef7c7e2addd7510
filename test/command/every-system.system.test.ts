import { openBackend } from '../../lib/backends/open-backend';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { feature } from '../../lib/core/contract/features';
import { type QueuePlace, queuePlaces } from '../support/queue-places';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { CommandLine } from './command-line';

jest.setTimeout(90_000);

describe.each(selectedBackends().filter((name) => name !== 'memory'))('job-queue on %s', (name) => {
  const isSql = name !== 'beanstalkd';
  let place: QueuePlace;
  let queue: QueueBackend;
  let command: CommandLine;

  beforeAll(async () => {
    place = await queuePlaces[name]();
    queue = await openBackend(place.backend as string);
    await queue.connect();
    command = new CommandLine(place.backend as string);
  });
  afterAll(async () => {
    await queue.close();
    await place.remove();
  });

  async function bury(payload: string, reason: string): Promise<string> {
    const { pipeline } = place;
    const [{ id } = { id: '' }] = await queue.put(pipeline, [{ payload, priority: 0, delay: 0, ttr: 60 }]);
    const leases = await queue.lease([pipeline]);
    const [job] = await leases.reserve(1, 5, new AbortController().signal);
    await leases.settle([{ job: job!, outcome: 'bury', reason }], 0);
    await leases.close();
    return id;
  }

  it('adds, shows, counts, pauses, kicks, clears and deletes', async () => {
    const { pipeline } = place;
    const added = (await command.json('add', pipeline, '{"to":"ada"}', '--delay', '10m')) as { id: string };
    expect(added).toEqual({ id: expect.any(String) as string, added: true });
    expect(await command.json('show', added.id)).toMatchObject({
      ...{ id: added.id, pipeline, payload: '{"to":"ada"}', state: 'delayed' },
    });
    const buried = await bury('{"n":1}', 'ECONNREFUSED 10.0.0.1');
    expect(await command.json('stats', pipeline)).toEqual([
      { pipeline, ready: 0, delayed: 1, reserved: 0, buried: 1, pausedFor: 0 },
    ]);
    expect(await command.json('list', pipeline)).toMatchObject([{ id: added.id }, { id: buried }]);

    await command.json('pause', pipeline, '--for', '1h');
    const [paused] = (await command.json('stats', pipeline)) as { pausedFor: number }[];
    expect(paused?.pausedFor).toBeGreaterThan(3500);
    await command.json('resume', pipeline);

    expect(await command.json('kick', pipeline)).toEqual({ kicked: 1 });
    // A kick where nothing is buried would take the delayed one.
    expect(await command.json('kick', pipeline)).toEqual({ kicked: 0 });
    expect(await command.json('stats', pipeline)).toMatchObject([{ ready: 1, delayed: 1, buried: 0 }]);
    expect(await command.json('kick', '--job', added.id)).toEqual({ kicked: 1 });
    expect(await command.json('delete', added.id, '--yes')).toEqual({ deleted: 1, missed: [] });
    expect(await command.json('clear', pipeline, '--state', 'ready', '--yes')).toEqual({ deleted: 1 });
    expect(await command.json('stats')).not.toContainEqual(expect.objectContaining({ pipeline }));
  });

  it('wakes the worker that waits for a job', async () => {
    const leases = await queue.lease([place.pipeline]);
    const waiting = leases.reserve(1, 60, new AbortController().signal);
    await command.json('add', place.pipeline, 'null');
    const [job] = await until('the job has arrived', () => waiting);
    await leases.settle([{ job: job!, outcome: 'delete' }], 0);
    await leases.close();
  });

  if (isSql) {
    it('kicks those whose reason fits and that were buried lately, or only shows them', async () => {
      const { pipeline } = place;
      const refused = await bury('1', 'Error: ECONNREFUSED');
      const other = await bury('2', 'Error: no such user');
      const filter = ['kick', pipeline, '--reason', 'econnrefused', '--since', '1h'];
      expect(await command.json(...filter, '--dry-run')).toMatchObject([{ id: refused, state: 'buried' }]);
      expect(await command.json('stats', pipeline)).toMatchObject([{ buried: 2 }]);
      expect(await command.json('kick', pipeline, '--since', '0.000s')).toEqual({ kicked: 0 });
      expect(await command.json(...filter, '--fresh')).toEqual({ kicked: 1 });
      expect(await command.json('show', refused)).toMatchObject({ state: 'ready', kicks: 0, attempts: 0 });
      expect(await command.json('show', other)).toMatchObject({ state: 'buried' });
      await command.json('delete', refused, other, '--yes');
    });

    it('lists the processes that run workers', async () => {
      const membership = feature(queue, 'registry').join();
      const report = { host: 'web-1', pid: 4711, pipelines: ['mail'], concurrency: 10, running: 2 };
      await membership.beat(report);
      expect(await command.json('workers')).toMatchObject([report]);
      const { stdout } = await command.run(['workers']);
      expect(stdout).toMatch(/web-1\t4711\t\t2\t10\t.*\tmail\n/);
      await membership.leave();
      expect(await command.json('workers')).toEqual([]);
    });

    it('cancels a job that runs', async () => {
      const { id } = (await command.json('add', 'called-off', '1')) as { id: string };
      const leases = await queue.lease(['called-off']);
      const [job] = await leases.reserve(1, 5, new AbortController().signal);
      expect(job?.id).toBe(id);
      expect(await command.json('cancel', id, '--reason', 'not needed', '--yes')).toEqual({
        ...{ cancelled: 1, missed: [] },
      });
      const { lost } = await leases.settle([{ job: job!, outcome: 'delete' }], 0);
      expect(lost).toEqual([job]);
      await leases.close();
    });

    it('shows what a job has said, and why its attempts failed', async () => {
      const { pipeline } = place;
      const { id } = (await command.json('add', pipeline, '{"to":"ada"}')) as { id: string };
      const leases = await queue.lease([pipeline]);
      const take = async () => (await leases.reserve(1, 5, new AbortController().signal))[0]!;
      const first = await take();
      const lines = [{ text: 'asks the \u001b[31mserver', age: 2 }];
      await leases.note!([{ job: first, progress: '{"done":1}', lines }]);
      const reason = 'Error: ECONNREFUSED\n    at connect';
      await leases.settle([{ job: first, outcome: 'release', delay: 0, reason, ran: 3 }], 0);
      expect(await command.json('show', id)).toMatchObject({
        ...{ id, state: 'ready', payload: '{"to":"ada"}', attempts: 1 },
        failures: [{ attempt: 1, error: reason }],
        progress: { value: '{"done":1}' },
        log: [{ attempt: 1, text: 'asks the \u001b[31mserver' }],
      });
      const open = (await command.run(['show', id])).stdout;
      expect(open).toMatch(
        /failed attempts:\nATTEMPT\tENDED\tRAN\tERROR\n1\t20.*Z\t3s\tError: ECONNREFUSED\n/,
      );
      expect(open).toMatch(/last error:\nError: ECONNREFUSED\n {4}at connect\n/);
      expect(open).toMatch(/progress: +\{"done":1\} \(.*s ago\)/);
      expect(open).toMatch(/log:\n20.*Z {2}attempt 1 {2}asks the \\x1b\[31mserver\n$/);

      const second = await take();
      const keep = { for: 3600, result: '{"sent":true}', ran: 2, worker: 'web-1:4711' };
      await leases.settle([{ job: second, outcome: 'delete', keep }], 0);
      await leases.close();
      expect(await command.json('show', id)).toMatchObject({
        ...{ id, pipeline, state: 'completed', result: '{"sent":true}', attempts: 2, worker: 'web-1:4711' },
        failures: [{ attempt: 1, error: reason }],
        progress: { value: '{"done":1}' },
        log: [{ attempt: 1 }],
      });
      const ended = (await command.run(['show', id])).stdout;
      expect(ended).toMatch(/ran: +2s\nworker: +web-1:4711\n/);
      expect(ended).toMatch(/payload:\n\{\n {2}"to": "ada"\n\}\n\nresult:\n\{\n {2}"sent": true\n\}\n/);
      expect(ended).not.toContain('last error');

      const list = ['list', pipeline, '--state', 'completed'];
      expect(await command.json(...list)).toMatchObject([{ id, result: '{"sent":true}' }]);
      expect((await command.run(list)).stdout).toMatch(
        new RegExp(`^ID\tSTATE\tENDED\tRAN.*\n${id}\tcompleted\t.*s ago\t2s\t2\tweb-1:4711\t\n$`),
      );
      expect(await command.json('delete', id, '--yes')).toEqual({ deleted: 1, missed: [] });
      expect(await command.run(['show', id])).toMatchObject({ code: 1, stdout: '' });
    });

    it('lists kept jobs page by page, the last end first', async () => {
      const leases = await queue.lease(['kept']);
      const ids: string[] = [];
      for (let n = 0; n < 3; n++) {
        await queue.put('kept', [{ payload: String(n), priority: 0, delay: 0, ttr: 60 }]);
        const [job] = await leases.reserve(1, 5, new AbortController().signal);
        await leases.settle([{ job: job!, outcome: 'delete', keep: { for: 3600 } }], 0);
        ids.unshift(job!.id);
      }
      await leases.close();
      const page = (...options: string[]) => command.json('list', 'kept', '--state', 'completed', ...options);
      expect(await page('--limit', '2')).toMatchObject([{ id: ids[0] }, { id: ids[1] }]);
      expect(await page('--limit', '2', '--offset', '2')).toMatchObject([{ id: ids[2] }]);
      expect(await page('--offset', '3')).toEqual([]);
      const { id } = (await command.json('add', 'kept', '3')) as { id: string };
      await command.json('cancel', id, '--reason', 'not needed', '--yes');
      const cancelled = await command.json('list', 'kept', '--state', 'cancelled');
      expect(cancelled).toMatchObject([{ id, state: 'cancelled', error: 'not needed' }]);
      expect((await command.run(['show', id])).stdout).toMatch(/cancelled because:\nnot needed\n/);
    });

    it('makes no table', async () => {
      const { code, stderr } = await command.run(['stats', '--table', 'no_such_jobs']);
      expect([code, stderr]).toEqual([1, expect.stringContaining('no_such_jobs does not exist')]);
    });
  } else {
    it('says what this backend cannot do', async () => {
      const { code, stderr } = await command.run(['kick', place.pipeline, '--reason', 'x']);
      expect([code, stderr]).toEqual([1, expect.stringContaining('cannot list jobs')]);
      const kept = await command.run(['list', place.pipeline, '--state', 'completed']);
      expect([kept.code, kept.stderr]).toEqual([
        1,
        expect.stringContaining('cannot keep jobs that have ended'),
      ]);
      const table = await command.run(['stats', '--table', 'jobs']);
      expect([table.code, table.stderr]).toEqual([2, expect.stringContaining('it has no tables')]);
    });
  }
});
