import { setImmediate as macrotask, setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Contender, Payload, Settings, WorkOptions, Working } from '../contender';
import { Bell, type RawJob, workInBatches } from './batch-worker';

/*
 * What SQLite and its driver can do: prepared statements, and one transaction that deletes what is done and claims
 * what comes next. No leases, retries, delays or events: the ceiling of the technique, not a product.
 */

const TABLE = `create table if not exists raw_jobs (
id integer primary key, pipeline text not null, state integer not null default 0,
priority integer not null default 1024, payload text not null)`;
const INDEX = 'create index if not exists raw_ready on raw_jobs (pipeline, priority, id) where state = 0';
const MILLISECONDS_BETWEEN_LOOKS = 2;
/** Two writers without pauses can keep the lock from each other for longer than the driver's five seconds. */
const PATIENCE_MS = 30_000;

export function open(url: string, { synchronous = 'normal' }: Settings): Promise<Contender> {
  return Promise.resolve(new RawSqlite(url.slice('sqlite:'.length), String(synchronous)));
}

class RawSqlite implements Contender {
  private readonly bell = new Bell();
  private readonly database: Database;
  private readonly insert: ReturnType<Database['prepare']>;
  private readonly insertMany: ReturnType<Database['prepare']>;

  constructor(file: string, synchronous: string) {
    this.database = new Database(file, { timeout: PATIENCE_MS });
    this.database.pragma('journal_mode = wal');
    this.database.pragma(`synchronous = ${synchronous}`);
    this.database.exec(TABLE);
    this.database.exec(INDEX);
    this.insert = this.database.prepare('insert into raw_jobs (pipeline, payload) values (?, ?)');
    this.insertMany = this.database.prepare(
      'insert into raw_jobs (pipeline, payload) select ?, value from json_each(?) where true',
    );
  }

  async add(pipeline: string, payload: Payload): Promise<void> {
    this.insert.run(pipeline, JSON.stringify(payload));
    this.bell.ring();
  }

  async addBulk(pipeline: string, payloads: readonly Payload[]): Promise<void> {
    const texts = payloads.map((payload) => JSON.stringify(payload));
    this.insertMany.run(pipeline, JSON.stringify(texts));
  }

  addTogether(pipeline: string, payloads: readonly Payload[]): Promise<void> {
    return this.addBulk(pipeline, payloads);
  }

  async work({ pipelines: [pipeline], concurrency, handler }: WorkOptions): Promise<Working> {
    const remove = this.database.prepare('delete from raw_jobs where id in (select value from json_each(?))');
    const claim = this.database.prepare(`update raw_jobs set state = 1 where id in (
  select id from raw_jobs where pipeline = ? and state = 0 order by priority, id limit ?) returning id, payload`);
    const exchange = this.database.transaction((done: readonly RawJob['id'][], wanted: number) => {
      if (done.length > 0) remove.run(JSON.stringify(done));
      return claim.all(pipeline, wanted) as RawJob[];
    });
    return workInBatches({
      concurrency,
      handler,
      exchange: async (done, wanted) => {
        // The driver is synchronous: without a macrotask no timer and no message would come through.
        await macrotask();
        return exchange.immediate(done, wanted);
      },
      hint: (stopped) =>
        this.bell.heard(stopped, (signal) => sleep(MILLISECONDS_BETWEEN_LOOKS, undefined, { signal })),
      close: () => Promise.resolve(),
    });
  }

  async left(pipeline: string): Promise<number> {
    const count = this.database.prepare('select count(*) as jobs from raw_jobs where pipeline = ?');
    return (count.get(pipeline) as { jobs: number }).jobs;
  }

  async close(): Promise<void> {
    this.database.close();
  }
}
