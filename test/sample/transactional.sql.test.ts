import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type FreshDatabase, freshMysqlDatabase, freshPostgresDatabase } from '../support/databases';
import { selectedBackends } from '../support/test-servers';

const SAMPLE = join(__dirname, '../../sample/04-transactional');
const RUN = join(SAMPLE, 'dist/run.js');

const databases: Record<string, () => Promise<FreshDatabase>> = {
  sqlite: () => Promise.resolve({ url: '', drop: () => Promise.resolve() }),
  postgres: () => freshPostgresDatabase(),
  mariadb: () => freshMysqlDatabase(),
  mysql: () => freshMysqlDatabase(),
};

/** What the README says that it prints. */
function promised(): string {
  const [, text] = /```text\n([\s\S]*?)```/.exec(readFileSync(join(SAMPLE, 'README.md'), 'utf8')) ?? [];
  if (text === undefined) throw new Error('The README of sample 04 shows no output');
  return text;
}

describe('sample/04-transactional', () => {
  beforeAll(() => {
    if (!existsSync(RUN)) throw new Error(`${RUN} is missing: npm run build && npx nest build --all`);
  });

  it.each(selectedBackends().filter((name) => name in databases))(
    'prints on %s what its README says, and again at its second run',
    async (name) => {
      const database = await databases[name]!();
      const env = { ...process.env, DATABASE_URL: database.url };
      for (let run = 1; run <= 2; run += 1) {
        const printed = await promisify(execFile)(process.execPath, [RUN], { env });
        expect(printed).toEqual({ stdout: promised(), stderr: '' });
      }
      await database.drop();
    },
    60_000,
  );

  async function printsTheSame(program: string): Promise<void> {
    const traced = ['--require', join(__dirname, 'without-typeorm.cjs'), join(SAMPLE, program)];
    for (let run = 1; run <= 2; run += 1) {
      const printed = await promisify(execFile)(process.execPath, traced);
      expect(printed).toEqual({ stdout: promised(), stderr: '' });
    }
  }

  // Each has one file, which two projects of a run would share: they are those of SQLite.
  if (selectedBackends().includes('sqlite')) {
    it('prints the same by Drizzle, which loads no TypeORM, and again at its second run', async () => {
      await printsTheSame('dist/drizzle/run.js');
    }, 60_000);

    // Prisma may have to be installed.
    it('prints the same by Prisma, which loads no TypeORM, and again at its second run', async () => {
      await promisify(execFile)(process.execPath, [join(SAMPLE, 'prisma/prepare.mjs')]);
      await printsTheSame('prisma/dist/prisma/src/run.js');
    }, 300_000);
  }
});
