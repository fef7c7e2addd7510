/*
 * Tables of the PHP library simple-job-queue, by its own definitions of them, with jobs in every state that it knows. Its
 * times are texts in UTC, to the second.
 */

export type OldSystem = 'postgres' | 'mysql' | 'sqlite';

export interface OldRow {
  readonly pipeline: string;
  readonly payload: string;
  /** Seconds from now. */
  readonly send?: number;
  readonly priority?: number;
  readonly attempts?: number;
  /** Seconds ago. */
  readonly reserved?: number;
  readonly buried?: number;
  /** Seconds after it was added; default 60. */
  readonly retry?: number;
}

/** An hour ago. */
const ADDED = -3600;

const TEXTS = (
  id: string,
) => `id ${id} NOT NULL, pipeline TEXT NOT NULL, payload TEXT NOT NULL, added_dt TEXT NOT NULL,
send_dt TEXT NOT NULL, priority INTEGER NOT NULL, is_reserved INTEGER NOT NULL, reserved_dt TEXT NULL,
is_buried INTEGER NOT NULL, buried_dt TEXT NULL, time_to_retry_dt TEXT NOT NULL, attempts INTEGER NOT NULL`;

const COLUMNS: Record<OldSystem, (compressed: boolean) => string> = {
  postgres: () => TEXTS('serial'),
  sqlite: () => TEXTS('INTEGER PRIMARY KEY AUTOINCREMENT'),
  mysql: (
    compressed,
  ) => `id int(11) NOT NULL AUTO_INCREMENT, pipeline varchar(500) NOT NULL, payload ${compressed ? 'longblob' : 'longtext'} NOT NULL,
added_dt datetime NOT NULL COMMENT 'In UTC', send_dt datetime NOT NULL COMMENT 'In UTC', priority int(11) NOT NULL,
is_reserved tinyint(1) NOT NULL, reserved_dt datetime NULL COMMENT 'In UTC', is_buried tinyint(1) NOT NULL,
buried_dt datetime NULL COMMENT 'In UTC', attempts tinyint(4) NOT NULL, time_to_retry_dt datetime NULL, PRIMARY KEY (id),
KEY pipeline_send_dt_is_buried_is_reserved (pipeline(75), send_dt, is_buried, is_reserved)`,
};

/** The statements that make such a table. */
export function oldTable(
  system: OldSystem,
  name: string,
  rows: readonly OldRow[],
  compressed = false,
): string[] {
  return [
    `create table ${name} (${COLUMNS[system](compressed)})`,
    ...rows.map((row) => {
      const {
        pipeline,
        payload,
        send = ADDED,
        priority = 1024,
        attempts = 0,
        reserved,
        buried,
        retry = 60,
      } = row;
      const text = `'${payload.replaceAll("'", "''")}'`;
      const values = [
        `'${pipeline}'`,
        compressed ? `compress(${text})` : text,
        moment(ADDED),
        moment(send),
        priority,
        reserved === undefined ? 0 : 1,
        reserved === undefined ? 'null' : moment(-reserved),
        buried === undefined ? 0 : 1,
        buried === undefined ? 'null' : moment(-buried),
        attempts,
        moment(ADDED + retry),
      ];
      return `insert into ${name} (pipeline, payload, added_dt, send_dt, priority, is_reserved, reserved_dt, is_buried, buried_dt, attempts, time_to_retry_dt) values (${values.join(', ')})`;
    }),
  ];
}

/** As PHP's gmdate('Y-m-d H:i:s') writes it. */
function moment(seconds: number): string {
  return `'${new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}'`;
}
