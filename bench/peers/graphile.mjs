import { Logger, makeWorkerUtils, run, runMigrations, WorkerPreset } from 'graphile-worker';

/** @import { Contender, ContenderModule } from '../contender' */

const logger = new Logger(() => () => {});
const AN_HOUR = 3_600_000;

/** @type {ContenderModule['open']} */
export async function open(connectionString, { localQueue }) {
  await runMigrations({ connectionString, logger });
  const utils = await makeWorkerUtils({ connectionString, logger });
  // The configuration of its documentation's page on performance, and the refetch delay of its own performance test.
  const tunedFor = (concurrency) =>
    localQueue && {
      maxPoolSize: concurrency + 1,
      localQueue: { size: localQueue, refetchDelay: { durationMs: 10 } },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    };

  /** @type {Contender} */
  return {
    async add(pipeline, payload) {
      await utils.addJob(pipeline, payload);
    },
    async addBulk(identifier, payloads, { delayed } = {}) {
      const options = delayed ? { runAt: new Date(Date.now() + AN_HOUR), priority: -1 } : {};
      await utils.addJobs(payloads.map((payload) => ({ identifier, payload, maxAttempts: 1, ...options })));
    },
    async work({ pipelines, concurrency, handler }) {
      const task = async (payload) => handler(payload);
      const runner = await run({
        preset: {
          extends: [WorkerPreset],
          worker: { connectionString, logger, concurrentJobs: concurrency, ...tunedFor(concurrency) },
        },
        noHandleSignals: true,
        taskList: Object.fromEntries(pipelines.map((pipeline) => [pipeline, task])),
      });
      return { stop: () => runner.stop() };
    },
    async left(pipeline) {
      const { rows } = await utils.withPgClient((client) =>
        client.query(
          `select count(*)::int as jobs from graphile_worker.jobs
where task_identifier = $1 and (attempts < max_attempts or locked_at is not null)`,
          [pipeline],
        ),
      );
      return rows[0].jobs;
    },
    async close() {
      await utils.release();
    },
  };
}
