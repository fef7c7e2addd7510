import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findNodeSqlite } from '../../lib/backends/sql/sqlite/drivers/find-driver';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';

const run = promisify(execFile);
const TYPESCRIPT = join(__dirname, '../nest/typescript.cjs');
const OPEN_BACKEND = join(__dirname, '../../lib/backends/open-backend.ts');

// node --require hide.cjs: these packages cannot be found, as if they were not installed.
const HIDE = `
const Module = require('node:module');
const resolve = Module._resolveFilename;
const hidden = process.env.HIDDEN.split(',');
Module._resolveFilename = function (request, ...rest) {
  if (!hidden.includes(request)) return resolve.call(this, request, ...rest);
  throw Object.assign(new Error('Cannot find module ' + request), { code: 'MODULE_NOT_FOUND' });
};
`;

const CONNECT = `
const { openBackend } = require(process.argv[2]);
openBackend(process.argv[3]).then((backend) => backend.connect()).then(
  () => console.log('connected'),
  (error) => console.log(error.code, error.message),
);
`;

/** Newer releases of Node open SQLite files by themselves. */
const needsDriver = findNodeSqlite() === undefined;

describe('A package that is not installed', () => {
  let folder: TemporaryFolder;

  beforeAll(async () => {
    folder = await temporaryFolder();
    await writeFile(join(folder.path, 'hide.cjs'), HIDE);
    await writeFile(join(folder.path, 'connect.cjs'), CONNECT);
  });
  afterAll(() => folder.remove());

  /** Connects where those packages cannot be found, and returns what it prints. */
  async function connect(url: string, hidden: string): Promise<string> {
    const { stdout } = await run(
      process.execPath,
      [
        ...['--require', TYPESCRIPT, '--require', join(folder.path, 'hide.cjs')],
        ...[join(folder.path, 'connect.cjs'), OPEN_BACKEND, url],
      ],
      // TypeORM looks for a package in the current folder as well.
      { cwd: folder.path, env: { PATH: process.env.PATH, HIDDEN: hidden } },
    );
    return stdout;
  }

  it('does not keep a SQLite file from being opened when it is TypeORM', async () => {
    expect(await connect('sqlite::memory:', 'typeorm')).toBe('connected\n');
  });

  it.each([
    ...(needsDriver
      ? [{ missing: 'better-sqlite3', url: 'sqlite::memory:', hidden: 'better-sqlite3,sqlite3' }]
      : []),
    { missing: 'pg', url: 'postgres://jobs:secret@127.0.0.1:1/jobs' },
    { missing: 'mysql2', url: 'mysql://jobs:secret@127.0.0.1:1/jobs' },
    { missing: 'fivebeans', url: 'beanstalkd://127.0.0.1:1' },
  ])(
    '$missing for $url is told with the command that installs it',
    async ({ missing, url, hidden = missing }) => {
      const stdout = await connect(url, hidden);
      expect(stdout).toMatch(new RegExp(`^MISSING_DRIVER .*npm install ${missing}\n$`));
      expect(stdout).not.toContain('secret');
    },
  );
});
