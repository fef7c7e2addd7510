import type { JobTable } from './job-table';
import type { Layout } from './layout';
import type { ColumnTypes } from './side-tables';

/** In what the databases differ. */
export interface Layout3Words {
  /** The statement that drops an index of the table of kept jobs, by the ending of its name. */
  readonly dropIndex: (ending: string) => string;
  /** Ends an index of those rows alone that have the column, where the database has partial indexes. */
  readonly havingAlone?: (column: string) => string;
}

/**
 * What is kept of jobs. A new column is null in all rows, so that no table is rewritten: the errors of a job's attempts
 * are written when one fails, and by nobody else.
 */
export function layout3(
  table: JobTable,
  types: ColumnTypes,
  { dropIndex, havingAlone = () => '' }: Layout3Words,
): Layout {
  const { jobs } = table;
  const done = table.side('done');
  const ended = `create index ${table.index('done_ended')} on ${done}`;
  return {
    version: 3,
    up: [
      `alter table ${jobs} add column history ${types.text}`,
      `alter table ${done} add column keep_most ${types.integer}`,
      dropIndex('done_ended'),
      // Lists are by outcome: those of a rare one must not walk over all others.
      `${ended} (pipeline, outcome, ended_at, id)`,
      // What is kept by its number, the newest of each number.
      `create index ${table.index('done_most')} on ${done} (pipeline, keep_most, ended_at, id)${havingAlone('keep_most')}`,
    ],
    down: [
      dropIndex('done_most'),
      dropIndex('done_ended'),
      `${ended} (pipeline, ended_at, id)`,
      `alter table ${done} drop column keep_most`,
      `alter table ${jobs} drop column history`,
    ],
  };
}
