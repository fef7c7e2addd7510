import { findingIf, type SqlCheck } from './sql-check';

/** In milliseconds: beyond that times in logs and lists mislead. The queue itself goes by the database's clock alone. */
const MOST_APART = 2000;

export const clockCheck: SqlCheck = {
  about: 'clock',
  async look({ db, dialect }) {
    const before = Date.now();
    const [row] = await db.rows<{ now: string | number }>(`select ${dialect.now} as now`);
    const after = Date.now();
    const server = Number(row?.now);
    const apart = server < before ? before - server : Math.max(0, server - after);
    return {
      seen: `${Math.round(apart)} ms from this machine's`,
      findings: findingIf(
        apart > MOST_APART,
        `The clocks of the database and of this machine are ${Math.round(apart / 1000)} s apart.`,
        'Set both by NTP.',
      ),
    };
  },
};
