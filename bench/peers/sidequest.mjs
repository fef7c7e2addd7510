import { fileURLToPath, URL } from 'node:url';
import { Sidequest } from 'sidequest';
import { BenchJob, current } from './sidequest-job.mjs';

/** @import { Contender, ContenderModule } from '../contender' */

const JOBS = fileURLToPath(new URL('sidequest-job.mjs', import.meta.url));

/** @type {ContenderModule['open']} */
export async function open(url, { driver, synchronous }) {
  const options = {
    backend: { driver, config: synchronous ? sqliteConfig(url, synchronous) : url },
    // In the process itself: its other modes hand every job to a thread.
    fork: false,
    runner: 'inline',
    manualJobResolution: true,
    jobsFilePath: JOBS,
    jobDefaults: { maxAttempts: 1 },
    gracefulShutdown: false,
    // Its dispatcher sleeps that long between two looks; at its default of 100 ms one slot does ten jobs a second.
    jobPollingInterval: 10,
    logger: { level: 'error' },
  };
  await Sidequest.configure(options);

  /** @type {Contender} */
  return {
    add,
    async addBulk(pipeline, payloads) {
      // It has no way to add several jobs at once.
      await Promise.all(payloads.map((payload) => add(pipeline, payload)));
    },
    async work({ pipelines, concurrency, handler }) {
      current.handler = handler;
      // What is configured once stays so, whatever it is started with.
      await Sidequest.stop();
      await Sidequest.start({
        ...options,
        queues: pipelines.map((name) => ({ name, concurrency })),
        queueDefaults: { concurrency },
        maxConcurrentJobs: concurrency * pipelines.length,
        dashboard: { enabled: false },
      });
      return {
        stop: async () => {
          await Sidequest.stop();
          await Sidequest.configure(options);
        },
      };
    },
    async left(queue) {
      const jobs = await Sidequest.job.list({
        queue,
        state: ['waiting', 'claimed', 'running'],
        limit: 1_000_000,
      });
      return jobs.length;
    },
    async close() {
      await Sidequest.stop();
    },
  };
}

async function add(pipeline, payload) {
  await Sidequest.build(BenchJob).queue(pipeline).enqueue(payload);
}

/** The same journal and durability as the others have on SQLite. */
function sqliteConfig(url, synchronous) {
  return {
    connection: { filename: url.slice('sqlite:'.length) },
    pool: {
      afterCreate(connection, done) {
        connection.pragma('journal_mode = wal');
        connection.pragma(`synchronous = ${synchronous}`);
        connection.pragma('busy_timeout = 5000');
        done(null, connection);
      },
    },
  };
}
