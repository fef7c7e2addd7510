export interface SqlOptions {
  /** The name of the queue's table, default `job_queue_jobs`; two more tables begin with it. */
  readonly table?: string;
  /** PostgreSQL only: the schema of the tables, default `public`. It has to exist. */
  readonly schema?: string;
  /** Make the tables when they are missing; default true. */
  readonly migrate?: boolean;
  /** MySQL and MariaDB only: store payloads with COMPRESS; default false. */
  readonly compression?: boolean;
}
