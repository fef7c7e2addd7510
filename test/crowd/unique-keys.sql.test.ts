import { openBackend } from '../../lib/backends/open-backend';
import { applicationDatabases, type DataSourceOptions } from '../support/application-databases';
import { randomPipeline } from '../support/pipelines';
import { selectedBackends } from '../support/test-servers';
import { type Account, uniqueCrowd } from './unique-crowd';

const PROCESSES = 4;
/** Adds of one key, by all processes together. */
const ADDS = 100;
const KEYS = Number(process.env.UNIQUE_KEYS ?? 100);
const KEYS_IN_TRANSACTIONS = Number(process.env.UNIQUE_KEYS ?? 20);

/* On a busy machine MySQL takes more than ten minutes for a thousand keys in transactions. */
jest.setTimeout(Math.max(600, 2 * KEYS) * 1000);

describe.each(selectedBackends().filter((name) => name in applicationDatabases))(
  `${PROCESSES} processes that add the same keys at the same time on %s`,
  (name) => {
    let options: DataSourceOptions;
    let url: string;
    let remove: () => Promise<unknown>;

    beforeAll(async () => {
      const database = await applicationDatabases[name]!();
      ({ options } = database);
      remove = () => database.remove();
      url =
        name === 'sqlite' ? `sqlite:${String(options.database)}` : String((options as { url?: string }).url);
      const backend = await openBackend(url);
      await backend.connect();
      await backend.close();
    });
    afterAll(() => remove());

    /** One job a key is there, and everybody who was told an id was told that one. */
    async function check(pipeline: string, keys: number, accounts: readonly Account[]): Promise<void> {
      expect(accounts.flatMap(({ errors }) => errors)).toEqual([]);
      const backend = await openBackend(url);
      await backend.connect();
      try {
        expect((await backend.inspect.stats(pipeline)).ready).toBe(keys);
        for (let number = 0; number < keys; number += 1) {
          const key = `key ${number}`;
          const id = await backend.features.uniqueKeys?.find(pipeline, key);
          expect(new Set(accounts.flatMap(({ ids }) => ids[key] ?? []))).toEqual(new Set([id]));
          expect(accounts.reduce((sum, { added }) => sum + (added[key] ?? 0), 0)).toBe(1);
        }
      } finally {
        await backend.close();
      }
    }

    it(`store one job a key, and all are told its id: ${KEYS} keys, ${ADDS} adds each`, async () => {
      const pipeline = randomPipeline();
      const times = ADDS / PROCESSES;
      const accounts = await uniqueCrowd(PROCESSES, { url, pipeline, keys: KEYS, times, atOnce: times });
      await check(pipeline, KEYS, accounts);
    });

    it(`do so in transactions, of which half are rolled back: ${KEYS_IN_TRANSACTIONS} keys`, async () => {
      const pipeline = randomPipeline();
      const times = ADDS / PROCESSES;
      // SQLite has one connection for all transactions of a process.
      const atOnce = name === 'sqlite' ? 1 : times;
      // SQLite gives waiting processes their turn in no order: one may meet none of its moments for seconds.
      const transactions = options.type === 'better-sqlite3' ? { ...options, timeout: 60_000 } : options;
      const task = { url, pipeline, keys: KEYS_IN_TRANSACTIONS, times, atOnce, transactions };
      await check(pipeline, KEYS_IN_TRANSACTIONS, await uniqueCrowd(PROCESSES, task));
    });
  },
);
