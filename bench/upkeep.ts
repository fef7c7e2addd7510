import BetterSqlite from 'better-sqlite3';
import { askMysql, askPostgres } from '../test/support/ask';

/**
 * What autovacuum, or the server's own statistics, would have done by the time a queue has been in use: the tables of
 * the database are vacuumed and analysed, whoever's they are. Without it a plan is made for the empty table that the
 * jobs were just added to: graphile-worker does half of what it can do.
 */
export async function keepUp(url: string): Promise<void> {
  const scheme = url.slice(0, url.indexOf(':'));
  switch (scheme) {
    case 'postgres':
      await askPostgres(url, 'vacuum (analyze)');
      return;
    case 'mysql':
      await analyseMysql(url);
      return;
    case 'sqlite':
      analyseSqlite(url.slice('sqlite:'.length));
      return;
    default:
      // Redis and beanstalkd plan nothing.
      return;
  }
}

async function analyseMysql(url: string): Promise<void> {
  const tables = await askMysql(url, `show full tables where table_type = 'BASE TABLE'`);
  if (tables.length === 0) return;
  const names = tables.map((row) => `\`${String(Object.values(row)[0])}\``);
  await askMysql(url, `analyze table ${names.join(', ')}`);
  // Writes out what adding them left in memory, which would else happen beneath what is measured next.
  await askMysql(url, `flush tables ${names.join(', ')} for export`);
}

function analyseSqlite(path: string): void {
  const database = new BetterSqlite(path, { timeout: 5000 });
  try {
    database.exec('analyze');
  } finally {
    database.close();
  }
}
