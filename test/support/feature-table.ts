import { DataSource } from 'typeorm';
import { openBackend } from '../../lib/backends/open-backend';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { abilityOf, featureNames } from '../../lib/core/contract/features';
import { memoryBackend } from '../../lib/testing';
import { typeOrmBackend } from '../../lib/typeorm';
import type { DataSourceOptions } from './application-databases';

/* README's table of what each backend can do beyond the contract, from what the backends say of themselves. */

const FIRST_LINE = '<!-- `npm run docs:features` writes this table. -->';
const TABLE = new RegExp(`${FIRST_LINE}\\n(?:\\|.*\\n)*`);

/** How the queue gets to a system. Nothing is connected: a backend's features are constant from the start. */
interface Column {
  readonly title: string;
  readonly byItself: Promise<QueueBackend>;
  readonly onDataSource?: QueueBackend;
}

function columns(): Column[] {
  const on = (options: DataSourceOptions) => typeOrmBackend({ dataSource: new DataSource(options) });
  return [
    {
      title: 'SQLite',
      byItself: openBackend('sqlite:jobs.sqlite'),
      onDataSource: on({ type: 'better-sqlite3', database: 'jobs.sqlite' }),
    },
    {
      title: 'PostgreSQL',
      byItself: openBackend('postgres://db.example.com/app'),
      onDataSource: on({ type: 'postgres' }),
    },
    {
      title: 'MySQL, MariaDB',
      byItself: openBackend('mysql://db.example.com/app'),
      onDataSource: on({ type: 'mysql' }),
    },
    { title: 'beanstalkd', byItself: openBackend('beanstalkd://queue.example.com') },
    { title: 'memory', byItself: Promise.resolve(memoryBackend()) },
  ];
}

/** The text with the table in it as it has to be. */
export async function withFeatureTable(text: string): Promise<string> {
  if (!TABLE.test(text)) throw new Error(`There is no line ${FIRST_LINE}`);
  const all = await Promise.all(
    columns().map(async ({ title, byItself, onDataSource }) => ({
      title,
      byItself: (await byItself).features,
      onDataSource: onDataSource?.features,
    })),
  );
  const rows = featureNames.map((name) => [
    `\`${name}\`: ${abilityOf(name)}`,
    ...all.map(({ byItself, onDataSource }) => {
      if (byItself[name]) return 'yes';
      return onDataSource?.[name] ? 'in your transactions' : 'no';
    }),
  ]);
  const head = ['', ...all.map(({ title }) => title)];
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return text.replace(TABLE, [FIRST_LINE, ...lines, ''].join('\n'));
}
