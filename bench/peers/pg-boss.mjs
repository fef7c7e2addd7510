import { PgBoss } from 'pg-boss';

/** @import { Contender, ContenderModule, WorkOptions } from '../contender' */

/** @type {ContenderModule['open']} */
export async function open(connectionString, { loop }) {
  const boss = new PgBoss({ connectionString, useListenNotify: true, schedule: false });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  const queues = new Map();

  /** Jobs of a queue that was not created are refused. */
  const created = (name) => {
    if (!queues.has(name)) queues.set(name, boss.createQueue(name, { notify: true, retryLimit: 0 }));
    return queues.get(name);
  };

  /** @type {Contender} */
  return {
    async add(pipeline, payload) {
      await created(pipeline);
      await boss.send(pipeline, payload);
    },
    async addBulk(pipeline, payloads, { delayed } = {}) {
      await created(pipeline);
      const options = delayed ? { startAfter: 3600, priority: 1 } : {};
      await boss.insert(
        pipeline,
        payloads.map((data) => ({ data, ...options })),
      );
    },
    async work(options) {
      await Promise.all(options.pipelines.map(created));
      return loop ? fetching(boss, options) : working(boss, options);
    },
    async left(pipeline) {
      const { rows } = await boss
        .getDb()
        .executeSql(
          `select count(*)::int as jobs from pgboss.job where name = $1 and state in ('created', 'retry', 'active')`,
          [pipeline],
        );
      return rows[0].jobs;
    },
    async close() {
      await boss.stop({ graceful: false });
    },
  };
}

/** Its worker, at its quickest: batches, fetched without a pause while they are full, and woken by NOTIFY. */
async function working(boss, { pipelines, concurrency, handler }) {
  const options = {
    batchSize: concurrency,
    burstWhenBatchFull: concurrency > 1,
    pollingIntervalSeconds: 0.5,
  };
  for (const pipeline of pipelines) {
    await boss.work(pipeline, options, async (jobs) => {
      const failures = jobs.map(({ data }) => failureOf(handler, data)).filter(Boolean);
      if (failures.length > 0) throw failures[0];
    });
  }
  return {
    stop: async () => {
      await Promise.all(pipelines.map((pipeline) => boss.offWork(pipeline, { wait: true })));
    },
  };
}

/** A batch is one call for its worker: all of it fails, but not before all of it was handled. */
function failureOf(handler, data) {
  try {
    handler(data);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Its fetch and complete in a loop, which its worker's polling is too slow for at concurrency 1. */
async function fetching(boss, { pipelines: [pipeline], concurrency, handler }) {
  let stopped = false;
  const loop = async () => {
    while (!stopped) {
      const jobs = await boss.fetch(pipeline, { batchSize: concurrency });
      for (const { data } of jobs) handler(data);
      if (jobs.length > 0) {
        await boss.complete(
          pipeline,
          jobs.map(({ id }) => id),
        );
      }
    }
  };
  const ended = loop();
  return {
    stop: async () => {
      stopped = true;
      await ended;
    },
  };
}
