import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import type { Arena } from '../arena';
import type { Case, Cases } from './measurement';
import { rate } from './measurement';

const PIPELINE = 'jobs';
const CONCURRENCY = 100;
const BATCH = 100;

const metrics: Case['metrics'] = [
  rate,
  { name: 'kept', title: 'rate of the last window to that of the first', unit: '×', better: 'more' },
];

/**
 * Jobs added, claimed and deleted on a table that is almost empty all the time: the hard case for PostgreSQL and
 * InnoDB, which keep what was deleted until the oldest transaction of the whole server has ended.
 */
export const churnCases: Cases = () => [
  {
    measurement: 'churn',
    name: 'steady add, claim, delete',
    metrics,
    measure: churn,
  } satisfies Case,
  {
    measurement: 'churn',
    name: 'the same beside an old snapshot',
    metrics,
    fits: ({ backend, server }) => ['postgres', 'mysql'].includes(backend) && server === undefined,
    async measure(arena) {
      const reader = await oldSnapshot(arena.queue.url);
      try {
        return await churn(arena);
      } finally {
        await reader.end();
      }
    },
  } satisfies Case,
];

async function churn(arena: Arena): Promise<Record<string, number>> {
  const { windows, windowSeconds } = arena.scale.churn;
  const agent = await arena.agent();
  await arena.keptUp();
  await agent.ask('work', { pipelines: [PIPELINE], concurrency: CONCURRENCY });
  const counts = await agent.ask('churn', PIPELINE, BATCH, windows, windowSeconds);
  await agent.ask('stopWorking');
  return {
    rate: counts.reduce((sum, count) => sum + count, 0) / (windows * windowSeconds),
    kept: (counts.at(-1) ?? NaN) / (counts[0] ?? NaN),
  };
}

function oldSnapshot(url: string): Promise<{ end(): Promise<void> }> {
  return url.startsWith('mysql:') ? oldMysqlSnapshot(url) : oldPostgresSnapshot(url);
}

async function oldPostgresSnapshot(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query('begin isolation level repeatable read');
  // The snapshot is taken with the first statement.
  await client.query('select 1');
  return client;
}

async function oldMysqlSnapshot(url: string): Promise<{ end(): Promise<void> }> {
  const connection = await createConnection(url);
  await connection.query('start transaction with consistent snapshot');
  return connection;
}
