import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import type { Contender, Payload, WorkOptions, Working } from '../contender';
import { Bell, type RawJob, workInBatches } from './batch-worker';

/*
 * What MariaDB or MySQL and their driver can do: delete, claim by an owner's token and read in one packet. No
 * leases, retries, delays or events: the ceiling of the technique, not a product.
 */

const TABLE = `create table if not exists raw_jobs (
id bigint unsigned not null auto_increment primary key, pipeline varchar(200) not null, state tinyint not null default 0,
priority bigint not null default 1024, owner bigint, payload longtext not null,
index ready (pipeline, state, priority, id), index owned (owner))`;

const INSERT = 'insert into raw_jobs (pipeline, payload) values ?';
// A join with the derived table, so that the rows are found in the index's order while its entries change.
const EXCHANGE = `start transaction;
delete from raw_jobs where id in (?);
update raw_jobs j join (
  select id from raw_jobs where pipeline = ? and state = 0 order by priority, id limit ? for update skip locked
) next on next.id = j.id set j.state = 1, j.owner = ?;
select id, payload from raw_jobs where owner = ?;
commit`;
/** The place of the select among the statements of the packet. */
const SELECTED = 3;
/** The id of no job, for a list that must not be empty. */
const NONE = 0;
const MILLISECONDS_BETWEEN_LOOKS = 10;

export async function open(url: string): Promise<Contender> {
  const connection = await connect(url);
  await connection.query(TABLE);
  return new RawMysql(url, connection);
}

class RawMysql implements Contender {
  private readonly bell = new Bell();

  constructor(
    private readonly url: string,
    private readonly connection: Connection,
  ) {}

  async add(pipeline: string, payload: Payload): Promise<void> {
    await undisturbed(() => this.connection.query(INSERT, [[[pipeline, JSON.stringify(payload)]]]));
    this.bell.ring();
  }

  async addBulk(pipeline: string, payloads: readonly Payload[]): Promise<void> {
    await this.connection.query(INSERT, [payloads.map((payload) => [pipeline, JSON.stringify(payload)])]);
  }

  addTogether(pipeline: string, payloads: readonly Payload[]): Promise<void> {
    return this.addBulk(pipeline, payloads);
  }

  async work({ pipelines: [pipeline], concurrency, handler }: WorkOptions): Promise<Working> {
    const connection = await connect(this.url);
    // Of another worker's token it differs by the process.
    let token = process.pid * 1e9;
    return workInBatches({
      concurrency,
      handler,
      exchange: async (done, wanted) => {
        token += 1;
        const ids = done.length > 0 ? done : [NONE];
        const values = [ids, pipeline, wanted, token, token];
        const [results] = await undisturbed(() => connection.query<RowDataPacket[][]>(EXCHANGE, values));
        return results[SELECTED] as unknown as RawJob[];
      },
      hint: (stopped) =>
        this.bell.heard(stopped, (signal) => sleep(MILLISECONDS_BETWEEN_LOOKS, undefined, { signal })),
      close: () => connection.end(),
    });
  }

  async left(pipeline: string): Promise<number> {
    const count = 'select count(*) as jobs from raw_jobs where pipeline = ?';
    const [rows] = await this.connection.query<RowDataPacket[]>(count, [pipeline]);
    return Number(rows[0]?.['jobs']);
  }

  async close(): Promise<void> {
    await this.connection.end();
  }
}

/** A claim locks the gaps between rows: with an insert at the same time, one of them may end as a deadlock. */
async function undisturbed<T>(statement: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await statement();
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ER_LOCK_DEADLOCK') throw error;
    }
  }
}

function connect(uri: string): Promise<Connection> {
  return createConnection({ uri, multipleStatements: true });
}
