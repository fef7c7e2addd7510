import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { feature } from '../../lib/core/contract/features';
import type { JobSnapshot } from '../../lib/core/contract/job-data';
import { sqlBackend } from '../../lib/typeorm';
import { CommandLine } from './command-line';
import { selectedSqlPlaces, type SqlPlace, type SqlPlaceName, sqlPlaces } from './places';

/* The dumps are tables that the PHP library has filled itself: simple-job-queue/make.ts has made them. */

jest.setTimeout(120_000);

/** The old tables of each dump; on MySQL and MariaDB the library compresses payloads unless it is told not to. */
const TABLES: Record<SqlPlaceName, readonly string[]> = {
  sqlite: ['old_jobs'],
  postgres: ['old_jobs'],
  mariadb: ['old_jobs', 'plain_jobs'],
  mysql: ['old_jobs', 'plain_jobs'],
};

const LONG = JSON.stringify({ n: 5, text: 'much of the same. '.repeat(250) });
const QUOTED = String.raw`{"n":6,"text":"it's \"quoted\", with a \\ and a line's\nend; -- ?"}`;

type Expected = Pick<JobSnapshot, 'payload' | 'state' | 'priority' | 'attempts' | 'ttr'> & {
  /** The old columns from which the moments have come. */
  readonly due?: 'send_dt' | 'time_to_retry_dt';
  readonly id: number;
};

const ready = { state: 'ready', priority: 1024, attempts: 0, ttr: 60 } as const;
const delayed = { ...ready, state: 'delayed', due: 'send_dt' } as const;
const buried = { ...ready, state: 'buried' } as const;
const TEN_YEARS = 315_360_000;

/** Each job, in the order in which it leaves its state; `id` is the old one. */
const EXPECTED: Readonly<Record<string, readonly Expected[]>> = {
  mails: [
    { ...ready, id: 2, payload: '{"n":2}', priority: 1 },
    { ...ready, id: 1, payload: '{"n":1,"name":"Ärger 😀"}' },
    { ...ready, id: 5, payload: LONG },
    { ...ready, id: 6, payload: QUOTED },
    { ...delayed, id: 3, payload: '{"n":3}', priority: 0 },
    { ...delayed, id: 4, payload: '{"n":4}' },
  ],
  // Their workers are gone: the attempt that began does not count.
  held: [{ ...ready, id: 7, payload: '{"n":1}' }],
  // These could be tried again at once, which is no ttr.
  again: [{ ...ready, id: 8, payload: '{"n":1}', attempts: 1 }],
  released: [{ ...delayed, id: 9, payload: '{"n":1}', attempts: 1, ttr: TEN_YEARS, due: 'time_to_retry_dt' }],
  buried: [
    { ...ready, id: 13, payload: '{"n":3}', priority: 1, attempts: 1 },
    // The oldest burial first.
    { ...buried, id: 12, payload: '{"n":2}', priority: 5, attempts: 3 },
    { ...buried, id: 11, payload: '{"n":1}', priority: 9, attempts: 1 },
  ],
  reports: [
    { ...ready, id: 14, payload: 'a:1:{s:1:"n";i:8;}' },
    { ...ready, id: 15, payload: '' },
  ],
  renamed: [{ ...ready, id: 16, payload: '{"n":1}' }],
};

const tally = { ready: 0, delayed: 0, buried: 0, known: 0, left: 0, refused: 0, notJson: 0, otherTtr: 0 };
const TALLIES = [
  { ...tally, pipeline: 'again', ready: 1, otherTtr: 1 },
  { ...tally, pipeline: 'buried', ready: 1, buried: 2, otherTtr: 3 },
  { ...tally, pipeline: 'held', ready: 1 },
  { ...tally, pipeline: 'mails', ready: 4, delayed: 2 },
  { ...tally, pipeline: 'my mails', ready: 1 },
  { ...tally, pipeline: 'released', delayed: 1 },
  { ...tally, pipeline: 'reports', ready: 2, notJson: 2 },
];

const cases = selectedSqlPlaces().flatMap((name) => TABLES[name].map((table) => ({ name, table })));

describe.each(cases)(
  'job-queue import of what simple-job-queue wrote into $table on $name',
  ({ name, table }) => {
    const hasBytes = name === 'sqlite' || (name !== 'postgres' && table === 'old_jobs');
    let place: SqlPlace;
    let queue: QueueBackend;
    let command: CommandLine;

    beforeEach(async () => {
      place = await sqlPlaces[name]();
      await place.load(await readFile(join(__dirname, 'simple-job-queue', `${name}.sql`), 'utf8'));
      queue = sqlBackend(place.url, { timeout: '30s' });
      await queue.connect();
      command = new CommandLine(place.url);
    });
    afterEach(async () => {
      await queue.close();
      await place.remove();
    });

    const IMPORT = ['import', '--from-table', table, '--rename', 'my mails=renamed', '--json'];
    const imported = async () => {
      const { code, stdout, stderr } = await command.run(IMPORT);
      // Bytes that are no text cannot be a payload here.
      expect([code, stderr.includes('bytes: 1, the payload is not UTF-8')]).toEqual(
        hasBytes ? [1, true] : [0, false],
      );
      const all = JSON.parse(stdout) as { pipeline: string; refused: number }[];
      expect(all.filter(({ refused }) => refused > 0).map(({ pipeline }) => pipeline)).toEqual(
        hasBytes ? ['bytes'] : [],
      );
      return all.filter(({ refused }) => refused === 0);
    };
    const jobsOf = async (pipeline: string) => {
      const listing = feature(queue, 'listing');
      const found: JobSnapshot[] = [];
      for (const state of ['ready', 'delayed', 'reserved', 'buried'] as const)
        found.push(...(await listing.list(pipeline, state, { offset: 0, limit: 100 })));
      return found;
    };

    it('takes over every job as it is, once, and leaves the old table', async () => {
      const rows = () => place.ask(`select * from ${table} order by id`);
      const before = await rows();
      expect(await imported()).toEqual(TALLIES);
      const moments = new Map(before.map((row) => [Number(row['id']), row]));
      const at = (id: number, column: string) => utc(moments.get(id)?.[column]);
      for (const [pipeline, expected] of Object.entries(EXPECTED)) {
        const jobs = await jobsOf(pipeline);
        expect(jobs).toMatchObject(expected.map(({ id: _, due: __, ...job }) => job));
        for (const [index, { id, due, state }] of expected.entries()) {
          const { addedAt, buriedAt, delay } = jobs[index]!;
          expect(addedAt).toEqual(new Date(at(id, 'added_dt')));
          expect(buriedAt).toEqual(state === 'buried' ? new Date(at(id, 'buried_dt')) : undefined);
          const left = due === undefined ? 0 : (at(id, due) - Date.now()) / 1000;
          expect(Math.abs(delay - left)).toBeLessThan(60);
        }
      }
      expect(await queue.inspect.pipelines()).toEqual(Object.keys(EXPECTED).sort());
      expect(await imported()).toEqual(
        TALLIES.map(({ pipeline, ready, delayed, buried }) => ({
          ...tally,
          pipeline,
          known: ready + delayed + buried,
        })),
      );
      expect(await rows()).toEqual(before);
    });
  },
);

/** As the library writes it: a text in UTC, which mysql2 reads as a moment of this machine's time zone. */
function utc(column: unknown): number {
  if (column instanceof Date) return column.getTime() - column.getTimezoneOffset() * 60_000;
  return new Date(`${String(column).replace(' ', 'T')}Z`).getTime();
}
