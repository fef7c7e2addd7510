import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Database from 'better-sqlite3';
import {
  SynchronousConnection,
  type SynchronousDatabase,
} from '../../lib/backends/sql/sqlite/drivers/synchronous-connection';
import { until } from '../support/until';

it('a connection to SQLite holds few statements, however many it has prepared', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const database: SynchronousDatabase = new Database(':memory:') as never;
  const prepared: WeakRef<object>[] = [];
  const connection = new SynchronousConnection({
    prepare: (sql) => {
      const statement = database.prepare(sql);
      prepared.push(new WeakRef<object>(statement));
      return statement;
    },
    close: () => database.close(),
  });
  // A schedule's next slot stands in such a text.
  for (let moment = 0; moment < 5_000; moment += 1) {
    expect(connection.rows(`select ${moment} as moment`, [])).toEqual([{ moment }]);
  }
  await until('the others are collected', () => {
    collect();
    return prepared.filter((one) => one.deref()).length < 500;
  });
  expect(prepared).toHaveLength(5_000);
  connection.close();
});
