import type { QueueBackend } from '../../lib/core/contract/backend';
import { feature } from '../../lib/core/contract/features';
import { sqlBackend } from '../../lib/typeorm';
import { CommandLine } from './command-line';
import { type OldRow, oldTable } from './old-table';
import { selectedSqlPlaces, type SqlPlace, sqlPlaces } from './places';

jest.setTimeout(120_000);

const ROWS: readonly OldRow[] = [
  { pipeline: 'mails', payload: '{"n":1,"name":"Ärger 😀"}' },
  { pipeline: 'mails', payload: '{"n":2}', priority: 1 },
  { pipeline: 'mails', payload: '{"n":3}', priority: -7, send: 7200 },
  { pipeline: 'mails', payload: '{"n":4}', attempts: 3, buried: 600 },
  { pipeline: 'mails', payload: '{"n":5}', attempts: 1, buried: 900 },
  // A worker had it when it was stopped: two attempts began, one has ended.
  { pipeline: 'mails', payload: '{"n":6}', attempts: 2, reserved: 1800 },
  // Released: not before its time.
  { pipeline: 'mails', payload: '{"n":7}', attempts: 1, retry: 3600 + 1800 },
  { pipeline: 'reports', payload: 'a:1:{s:1:"n";i:8;}' },
];

const NOTHING = {
  ...{ ready: 0, delayed: 0, buried: 0, known: 0, left: 0, refused: 0 },
  ...{ notJson: 0, otherTtr: 0 },
};

describe.each(selectedSqlPlaces())('job-queue import on %s', (name) => {
  const isCompressing = name !== 'postgres' && name !== 'sqlite';
  const system = name === 'mariadb' ? 'mysql' : name;
  let place: SqlPlace;
  let queue: QueueBackend;
  let command: CommandLine;

  beforeEach(async () => {
    place = await sqlPlaces[name]();
    queue = sqlBackend(place.url, { timeout: '30s' });
    await queue.connect();
    command = new CommandLine(place.url);
  });
  afterEach(async () => {
    await queue.close();
    await place.remove();
  });

  const IMPORT = ['import', '--from-table', 'old_jobs'];
  const run = async (statements: readonly string[]) => {
    for (const sql of statements) await place.ask(sql);
  };
  const dump = () => place.ask('select * from old_jobs order by id');
  const all = async (pipeline: string) => {
    const listing = feature(queue, 'listing');
    const found = [];
    for (const state of ['ready', 'delayed', 'buried'] as const)
      found.push(...(await listing.list(pipeline, state, { offset: 0, limit: 100 })));
    return found;
  };

  it.each(isCompressing ? [false, true] : [false])(
    'takes over every job as it is, once (payloads compressed: %s)',
    async (compressed) => {
      await run(oldTable(system, 'old_jobs', ROWS, compressed));
      const before = await dump();
      const expected = [
        { ...NOTHING, pipeline: 'mails', ready: 3, delayed: 2, buried: 2 },
        { ...NOTHING, pipeline: 'reports', ready: 1, notJson: 1 },
      ];
      expect(await command.json(...IMPORT, '--dry-run')).toEqual(expected);
      expect(await queue.inspect.pipelines()).toEqual([]);
      expect(await command.json(...IMPORT)).toEqual(expected);

      const mails = await all('mails');
      expect(mails).toMatchObject([
        // The most urgent first, then by their age.
        { payload: '{"n":2}', state: 'ready', priority: 1, attempts: 0 },
        { payload: '{"n":1,"name":"Ärger 😀"}', state: 'ready', priority: 1024, attempts: 0, ttr: 60 },
        { payload: '{"n":6}', state: 'ready', attempts: 1 },
        { payload: '{"n":7}', state: 'delayed', attempts: 1, ttr: 5400 },
        { payload: '{"n":3}', state: 'delayed', priority: 0 },
        // The oldest burial first.
        { payload: '{"n":5}', state: 'buried', attempts: 1, reason: 'buried in simple-job-queue' },
        { payload: '{"n":4}', state: 'buried', attempts: 3 },
      ]);
      const [first, , , released, later, burial] = mails;
      const age = (moment: Date | undefined) => Math.round((Date.now() - (moment?.getTime() ?? 0)) / 10_000);
      expect([age(first?.addedAt), age(burial?.buriedAt)]).toEqual([360, 90]);
      expect([released!.delay, later!.delay].map((delay) => Math.round(delay / 100))).toEqual([18, 72]);
      expect(await all('reports')).toMatchObject([{ payload: 'a:1:{s:1:"n";i:8;}' }]);

      // Again, also when some are done by then, and some more are there.
      await queue.admin.discard(first!.id);
      expect(await queue.admin.kick('mails', 1)).toBe(1);
      const more = oldTable(system, 'old_jobs', [{ pipeline: 'mails', payload: '{"n":9}' }], compressed);
      await run(more.slice(1));
      const again = [
        { ...expected[0], ready: 1, delayed: 0, buried: 0, known: 7 },
        { ...expected[1], ready: 0, known: 1, notJson: 0 },
      ];
      expect(await command.json(...IMPORT, '--dry-run')).toEqual(again);
      expect(await command.json(...IMPORT)).toEqual(again);
      expect((await all('mails')).map(({ payload }) => payload)).toHaveLength(7);
      await run([`delete from old_jobs where payload = '${'{"n":9}'}' or id = 9`]);
      expect(await dump()).toEqual(before);
    },
  );

  it('leaves to PHP workers that go on what they may take', async () => {
    const held = { pipeline: 'mails', payload: '10', attempts: 1, reserved: 20 };
    await run(oldTable(system, 'old_jobs', [...ROWS, held]));
    const refused = await command.run(IMPORT);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('PHP workers have reserved 1 jobs'),
    ]);
    expect(await command.json(...IMPORT, '--while-workers-run')).toMatchObject([
      { pipeline: 'mails', ready: 0, delayed: 0, buried: 2, left: 6 },
      { pipeline: 'reports', ready: 0, left: 1 },
    ]);
    expect((await all('mails')).map(({ payload }) => payload)).toEqual(['{"n":5}', '{"n":4}']);
  });

  it('names what it cannot take over, and takes it with another name', async () => {
    await run(oldTable(system, 'old_jobs', [{ pipeline: 'my mails', payload: '1' }]));
    const refused = await command.run(IMPORT);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--rename old=new')]);
    expect(await command.json(...IMPORT, '--rename', 'my mails=mails')).toMatchObject([
      { pipeline: 'my mails', ready: 1 },
    ]);
    expect(await all('mails')).toMatchObject([{ payload: '1' }]);
  });

  it('gives the default ttr to jobs whose time to retry is none, and says so', async () => {
    const rows = [-10, 2 ** 33, 7200].map((retry) => ({ pipeline: 'mails', payload: `${retry}`, retry }));
    await run(oldTable(system, 'old_jobs', rows));
    const planned = await command.run([...IMPORT, '--dry-run']);
    const told = 'mails: 2, the time to retry is out of range: the ttr is 60 s.';
    expect([planned.code, planned.stderr]).toEqual([0, expect.stringContaining(told)]);
    expect(await command.json(...IMPORT)).toEqual([{ ...NOTHING, pipeline: 'mails', ready: 3, otherTtr: 2 }]);
    expect((await all('mails')).map(({ ttr }) => Math.round(ttr / 60))).toEqual([1, 1, 120]);
  });

  it('says that a table is none of simple-job-queue', async () => {
    const { code, stderr } = await command.run(['import', '--from-table', 'job_queue_jobs']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('cannot be read as one of simple-job-queue')]);
  });

  it('hands its jobs to workers', async () => {
    await run(oldTable(system, 'old_jobs', ROWS));
    await command.json(...IMPORT);
    const leases = await queue.lease(['mails']);
    const jobs = await leases.reserve(10, 0, new AbortController().signal);
    expect(jobs.map(({ payload, attempt }) => [payload, attempt])).toEqual([
      ['{"n":2}', 1],
      ['{"n":1,"name":"Ärger 😀"}', 1],
      ['{"n":6}', 2],
    ]);
    await leases.settle(
      jobs.map((job) => ({ job, outcome: 'delete' as const })),
      0,
    );
    await leases.close();
  });
});
