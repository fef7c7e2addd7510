import { printableName, type SqlCheck } from './sql-check';

const MOST_NAMED = 5;

/** Schedules whose slot is over, and no process has fired it. */
export const schedulesCheck: SqlCheck = {
  about: 'schedules',
  async look({ db, table, dialect: { now }, patience }) {
    const schedules = table.side('schedules');
    const [all] = await db.rows<{ total: string | number }>(`select count(*) as total from ${schedules}`);
    const late = await db.rows<{ name: string; late: string | number }>(
      `select name, ${now} - next_at as late from ${schedules} where paused = 0 and next_at < ${now} - ${patience * 1000} order by next_at limit ${MOST_NAMED}`,
    );
    return {
      seen: `${Number(all?.total ?? 0)}`,
      findings: late.map(({ name, late: ms }) => ({
        finding: `The schedule ${printableName(name)} is ${Math.round(Number(ms) / 1000)} s late.`,
        remedy: 'Start a worker: any process with a handler fires all schedules. Or pause or remove it.',
      })),
    };
  },
};
