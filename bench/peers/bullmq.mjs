import { URL } from 'node:url';
import { createPostgresBackend, Queue, Worker } from 'bullmq';

/** @import { Contender, ContenderModule } from '../contender' */

const AN_HOUR = 3_600_000;

/** @type {ContenderModule['open']} */
export async function open(url, { postgres }) {
  const { hostname: host, port } = new URL(url);
  // A pool of 20: of its default of 10 connections, workers at concurrency 100 would wait for one another.
  const connection = postgres
    ? { connectionString: url, max: 20, migrate: true }
    : { host, port: Number(port), maxRetriesPerRequest: null };
  const backend = postgres ? [createPostgresBackend] : [];
  // Done jobs are removed, as they are everywhere else here; it keeps them otherwise.
  const defaultJobOptions = { removeOnComplete: true };

  const queues = new Map();
  const queueOf = (pipeline) => {
    if (!queues.has(pipeline))
      queues.set(pipeline, new Queue(pipeline, { connection, defaultJobOptions }, ...backend));
    return queues.get(pipeline);
  };

  /** @type {Contender} */
  return {
    async add(pipeline, payload) {
      await queueOf(pipeline).add('job', payload);
    },
    async addBulk(pipeline, payloads, { delayed } = {}) {
      const opts = delayed ? { delay: AN_HOUR, priority: 1 } : {};
      await queueOf(pipeline).addBulk(payloads.map((data) => ({ name: 'job', data, opts })));
    },
    async work({ pipelines, concurrency, handler }) {
      const workers = pipelines.map(
        (pipeline) =>
          new Worker(pipeline, async ({ data }) => handler(data), { connection, concurrency }, ...backend),
      );
      for (const worker of workers) worker.on('error', (error) => console.error(error));
      await Promise.all(workers.map((worker) => worker.waitUntilReady()));
      return {
        stop: async () => {
          await Promise.all(workers.map((worker) => worker.close()));
        },
      };
    },
    async left(pipeline) {
      const counts = await queueOf(pipeline).getJobCounts('waiting', 'prioritized', 'active', 'delayed');
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}
