import type { JobTable } from './job-table';
import type { Layout } from './layout';
import { type ColumnTypes, createSideTable } from './side-tables';

/** In what the databases differ. */
export interface Layout3Words {
  /** The statement that drops an index of the table of kept jobs, by the ending of its name. */
  readonly dropIndex: (ending: string) => string;
  /** Ends an index of those rows alone that have the column, where the database has partial indexes. */
  readonly havingAlone?: (column: string) => string;
  /** Ends the statement that makes a table. */
  readonly engine?: string;
  /** The functions of layout 2, for workers that find these when the layout is taken back. */
  readonly earlier?: readonly string[];
}

/** One row for each pipeline whose events somebody reads: the number of the last one. */
const EVENTS = {
  columns: { pipeline: 'pipeline not null', seq: 'bigint not null' },
  primaryKey: ['pipeline'],
};

/**
 * What is kept of jobs. A new column is null in all rows, so that no table is rewritten: the errors of a job's attempts
 * are written when one fails, and by nobody else.
 */
export function layout3(
  table: JobTable,
  types: ColumnTypes,
  { dropIndex, havingAlone = () => '', engine = '', earlier = [] }: Layout3Words,
): Layout {
  const { jobs } = table;
  const done = table.side('done');
  const workers = table.side('workers');
  const pipelines = table.side('pipelines');
  const timed = havingAlone('keep_until');
  const kept = `create index ${table.index('done_kept')} on ${done} (keep_until)`;
  const ended = `create index ${table.index('done_ended')} on ${done}`;
  return {
    version: 3,
    up: [
      `alter table ${jobs} add column history ${types.text}`,
      `alter table ${done} add column keep_most ${types.integer}`,
      // What is kept for ever has no place in it.
      ...(timed ? [dropIndex('done_kept'), `${kept}${timed}`] : []),
      dropIndex('done_ended'),
      // Lists are by outcome: those of a rare one must not walk over all others.
      `${ended} (pipeline, outcome, ended_at, id)`,
      // What is kept by its number, the newest of each number.
      `create index ${table.index('done_most')} on ${done} (pipeline, keep_most, ended_at, id)${havingAlone('keep_most')}`,
      // The number of an event, given when somebody reads events: those of a pipeline have consecutive ones.
      `alter table ${done} add column seq ${types.bigint}`,
      `create index ${table.index('done_seq')} on ${done} (pipeline, seq, ended_at, id)`,
      ...createSideTable(table, types, 'events', EVENTS, engine),
      // How ended jobs are kept, for those who call them off and do not know it.
      `alter table ${pipelines} add column keep ${types.text}`,
      `alter table ${workers} add column running ${types.integer}`,
      `alter table ${workers} add column place ${types.key}`,
    ],
    down: [
      `alter table ${workers} drop column place`,
      `alter table ${workers} drop column running`,
      `alter table ${pipelines} drop column keep`,
      `drop table ${table.side('events')}`,
      dropIndex('done_seq'),
      `alter table ${done} drop column seq`,
      dropIndex('done_most'),
      dropIndex('done_ended'),
      `${ended} (pipeline, ended_at, id)`,
      ...(timed ? [dropIndex('done_kept'), kept] : []),
      `alter table ${done} drop column keep_most`,
      `alter table ${jobs} drop column history`,
      ...earlier,
    ],
  };
}
