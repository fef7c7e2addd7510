/* Taking over the jobs of the PHP library simple-job-queue. */

/** From where, and how. */
export interface ImportOptions {
  /** The database with the old table, as a queue's URL names one. */
  readonly from: string;
  readonly table: string;
  /** PostgreSQL only. */
  readonly schema?: string;
  /** Only say what would be done. */
  readonly dryRun: boolean;
  /** PHP workers go on: only jobs that they will not take are taken over. */
  readonly whileWorkersRun: boolean;
  /** New names of pipelines, by the old ones. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** What became of the jobs of one old pipeline. */
export interface ImportTally {
  /** As the old table has it. */
  readonly pipeline: string;
  /** Taken over, or with `dryRun` to be taken over, by the state that they have here. */
  readonly ready: number;
  readonly delayed: number;
  readonly buried: number;
  /** Taken over by an earlier run. */
  readonly known: number;
  /** Left to the PHP workers. */
  readonly left: number;
  /** Not taken over, because of this. */
  readonly refused: number;
  readonly because?: string;
  /** Of those that are taken over: the default codec cannot read them. */
  readonly notJson: number;
  /** Of those that are taken over: the old time to retry is none that a job can have, so that they get the default. */
  readonly otherTtr: number;
}
