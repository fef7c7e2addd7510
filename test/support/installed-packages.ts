import { existsSync } from 'node:fs';
import { rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../package/command';
import { temporaryFolder } from './temporary-folder';

/* Packages that some tests alone need, and that are large or would be compiled: they are installed when they are. */

const BETTER_SQLITE3 = 'node_modules/better-sqlite3';

/**
 * A new folder, as that of an application, in which these packages are installed: `name@version`. Their better-sqlite3
 * is the repository's, as it is in an application that has only one: the queue's copy.
 */
export async function installPackages(name: string, packages: readonly string[]): Promise<string> {
  const { path: folder } = await temporaryFolder(name);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'application', private: true }));
  await run(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', ...packages],
    { cwd: folder },
  );
  const own = join(folder, BETTER_SQLITE3);
  if (existsSync(own)) {
    await rm(own, { recursive: true });
    await symlink(join(__dirname, '../..', BETTER_SQLITE3), own);
  }
  return folder;
}
