import { openBackend } from '../../lib/backends/open-backend';
import { LAYOUT_2_TABLES } from '../../lib/backends/sql/layouts/side-tables';
import type { QueueBackend } from '../../lib/index';
import { randomPipeline } from '../support/pipelines';
import { Crowd, type CrowdOptions } from './crowd';

/** An empty database, or a server that all share. */
export interface CrowdedPlace {
  readonly url: string;
  /** The names of all tables, where there are tables. */
  tables?(): Promise<string[]>;
  /** The tables that only this database has, by the ends of their names. */
  readonly ownTables?: readonly string[];
  close(): Promise<void>;
}

const BESIDE_JOBS = ['pauses', 'schema', 'events', ...Object.keys(LAYOUT_2_TABLES)];
const SECONDS_TO_WORK = 60;
/** What a busy machine may make a process say on PostgreSQL: only that it looks for jobs more slowly. */
const LOOKS_MORE_SLOWLY =
  "PostgreSQL's LISTEN does not work here, so that jobs of other processes may wait up to 1 s for a worker: a notification to ourselves did not arrive";

/** What holds for many processes on one backend. */
export function describeCrowd(name: string, open: () => Promise<CrowdedPlace>): void {
  describe(`A crowd on ${name}`, () => {
    let place: CrowdedPlace;
    let crowd: Crowd | undefined;

    beforeEach(async () => {
      place = await open();
    });
    afterEach(async () => {
      await crowd?.remove();
      await place.close();
    });

    /** Answers what was handled when every process has ended in order. */
    async function work(jobs: number, options: Omit<CrowdOptions, 'backend'>): Promise<string[]> {
      const working = (crowd = await Crowd.gather({ ...options, backend: place.url }));
      working.go();
      await working.have(jobs, { within: SECONDS_TO_WORK });
      expect(await working.stop()).toEqual(Array(options.processes).fill(0));
      const complaints = working.output.split('\n').filter((line) => /WARN|ERROR/.test(line));
      expect(complaints.filter((line) => !line.endsWith(LOOKS_MORE_SLOWLY))).toEqual([]);
      return working.handled();
    }

    async function withBackend<T>(use: (backend: QueueBackend) => Promise<T>): Promise<T> {
      const backend = await openBackend(place.url);
      await backend.connect();
      try {
        return await use(backend);
      } finally {
        await backend.close();
      }
    }

    it('ten processes start at once where nothing is yet: no error, 1,000 jobs handled once each', async () => {
      const pipeline = randomPipeline();
      const handled = await work(1000, { processes: 10, pipeline, jobsEach: 100 });
      expect(handled).toHaveLength(1000);
      expect(new Set(handled).size).toBe(1000);
      const beside = [...BESIDE_JOBS, ...(place.ownTables ?? [])].map((end) => `job_queue_jobs_${end}`);
      if (place.tables) expect((await place.tables()).sort()).toEqual(['job_queue_jobs', ...beside].sort());
      expect(await withBackend((backend) => backend.inspect.pipelines())).not.toContain(pipeline);
    }, 90_000);

    it('two processes, concurrency 20 each, 20,000 jobs: every one is handled, none twice', async () => {
      const pipeline = randomPipeline();
      const payloads = Array.from({ length: 20_000 }, (_, index) => String(index));
      await withBackend((backend) =>
        backend.put(
          pipeline,
          payloads.map((payload) => ({ payload, priority: 1024, delay: 0, ttr: 60 })),
        ),
      );
      const handled = await work(20_000, { processes: 2, pipeline, jobsEach: 0 });
      expect(handled).toHaveLength(20_000);
      expect(new Set(handled)).toEqual(new Set(payloads));
      expect(await withBackend((backend) => backend.inspect.pipelines())).not.toContain(pipeline);
    }, 90_000);
  });
}
