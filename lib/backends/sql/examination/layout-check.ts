import { messageOf } from '../../../core/checks/text';
import { JobQueueError } from '../../../core/contract/errors';
import { ensureLayout } from '../layouts/ensure-layout';
import { NEWEST_LAYOUT } from '../layouts/layout';
import type { SqlCheck } from './sql-check';

export const layoutCheck: SqlCheck = {
  about: 'layout',
  async look({ dialect }) {
    try {
      await ensureLayout(dialect, false);
    } catch (error) {
      if (!(error instanceof JobQueueError) || error.code === 'BACKEND_UNAVAILABLE') throw error;
      const remedy =
        error.code === 'BACKEND_REFUSED'
          ? 'Do what the message says.'
          : `Start the application with the option migrate, or bring in what job-queue sql ${dialect.name} prints; --table and --schema name other tables.`;
      return { seen: '', findings: [{ finding: messageOf(error), remedy }] };
    }
    return { seen: `layout ${NEWEST_LAYOUT} in ${dialect.table.title}` };
  },
};
