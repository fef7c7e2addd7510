import { once } from 'node:events';
import { Client, type ClientConfig } from 'pg';
import type { Contender, Payload, Settings, WorkOptions, Working } from '../contender';
import { Bell, type RawJob, workInBatches } from './batch-worker';

/*
 * What PostgreSQL and its driver can do: one statement, prepared once, that deletes what is done and claims what
 * comes next. No leases, retries, delays or events: the ceiling of the technique, not a product.
 */

const TABLE = `create table if not exists raw_jobs (
id bigint generated always as identity primary key, pipeline text not null, state smallint not null default 0,
priority bigint not null default 1024, payload text not null)`;
const INDEX = 'create index if not exists raw_ready on raw_jobs (pipeline, priority, id) where state = 0';

const INSERT = 'insert into raw_jobs (pipeline, payload) values ($1, $2)';
const INSERT_AND_NOTIFY = `with added as (${INSERT}) select pg_notify('raw_jobs', '')`;
const INSERT_MANY = 'insert into raw_jobs (pipeline, payload) select $1, unnest($2::text[])';
const EXCHANGE = `with done as (delete from raw_jobs where id = any($1::bigint[]))
update raw_jobs set state = 1 where id = any(array(
  select id from raw_jobs where pipeline = $2 and state = 0 order by priority, id limit $3 for update skip locked))
returning id, payload`;

export async function open(url: string, { notify = false }: Settings): Promise<Contender> {
  // Calls that overlap go out at once, each as a statement of its own.
  const client = await connect(url, { pipeline: true });
  await client.query(TABLE);
  await client.query(INDEX);
  return new RawPostgres(url, client, notify ? INSERT_AND_NOTIFY : INSERT);
}

class RawPostgres implements Contender {
  private readonly bell = new Bell();

  constructor(
    private readonly url: string,
    private readonly client: Client,
    private readonly insert: string,
  ) {}

  async add(pipeline: string, payload: Payload): Promise<void> {
    await this.client.query({
      name: 'insert',
      text: this.insert,
      values: [pipeline, JSON.stringify(payload)],
    });
    this.bell.ring();
  }

  async addBulk(pipeline: string, payloads: readonly Payload[]): Promise<void> {
    const values = [pipeline, payloads.map((payload) => JSON.stringify(payload))];
    await this.client.query({ name: 'insert-many', text: INSERT_MANY, values });
  }

  addTogether(pipeline: string, payloads: readonly Payload[]): Promise<void> {
    return this.addBulk(pipeline, payloads);
  }

  async work({ pipelines: [pipeline], concurrency, handler }: WorkOptions): Promise<Working> {
    const client = await connect(this.url);
    const listener = await connect(this.url);
    await listener.query('listen raw_jobs');
    return workInBatches({
      concurrency,
      handler,
      exchange: async (done, wanted) => {
        const values = [done, pipeline, wanted];
        return (await client.query<RawJob>({ name: 'exchange', text: EXCHANGE, values })).rows;
      },
      hint: (stopped) => this.bell.heard(stopped, (signal) => once(listener, 'notification', { signal })),
      close: () => Promise.all([client.end(), listener.end()]),
    });
  }

  async left(pipeline: string): Promise<number> {
    const count = 'select count(*)::int as jobs from raw_jobs where pipeline = $1';
    return (await this.client.query<{ jobs: number }>(count, [pipeline])).rows[0]?.jobs ?? 0;
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

async function connect(connectionString: string, options: ClientConfig = {}): Promise<Client> {
  const client = new Client({ connectionString, ...options });
  await client.connect();
  return client;
}
