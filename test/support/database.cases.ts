import { type Row } from './ask';
import { type FreshDatabase } from './databases';
import { randomTable } from './pipelines';

export interface DatabaseSystem {
  readonly freshDatabase: () => Promise<FreshDatabase>;
  readonly ask: (url: string, sql: string) => Promise<Row[]>;
}

/** What holds for the fresh databases of each system. */
export function describeFreshDatabases(name: string, { freshDatabase, ask }: DatabaseSystem): void {
  describe(`A fresh database of ${name}`, () => {
    let database: FreshDatabase;

    beforeAll(async () => {
      database = await freshDatabase();
    });
    afterAll(() => database.drop());

    it('knows nothing of another one', async () => {
      const other = await freshDatabase();
      const table = randomTable();
      await ask(database.url, `CREATE TABLE ${table} AS SELECT 1 AS id`);

      expect(await ask(database.url, `SELECT id FROM ${table}`)).toEqual([{ id: 1 }]);
      await expect(ask(other.url, `SELECT id FROM ${table}`)).rejects.toThrow(/does not exist|doesn't exist/);
      await other.drop();
    });

    it('is gone when it was dropped', async () => {
      const other = await freshDatabase();
      await other.drop();
      await expect(ask(other.url, 'SELECT 1')).rejects.toThrow(/does not exist|Unknown database/);
    });

    it('keeps every character of Unicode', async () => {
      expect(await ask(database.url, `SELECT 'å∂𝄞🐘' AS text`)).toEqual([{ text: 'å∂𝄞🐘' }]);
    });

    it('refuses a wrong password', async () => {
      const url = new URL(database.url);
      url.password = 'wrong';
      await expect(ask(url.href, 'SELECT 1')).rejects.toThrow(/password authentication failed|Access denied/);
    });
  });
}
