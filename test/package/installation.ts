import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command';

const REPOSITORY_MODULES = join(__dirname, '../../node_modules');
const ADDON = 'better-sqlite3/build/Release/better_sqlite3.node';

/** Installs what the package.json of that folder asks for. No package needs its install script but better-sqlite3, which would compile for a minute. */
export async function installPackages(folder: string): Promise<void> {
  await run('npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], {
    cwd: folder,
  });
}

/** Gives that folder what the repository's better-sqlite3, of the same version, was compiled to for the Node that runs. */
export async function takeCompiledAddon(folder: string): Promise<void> {
  await cp(join(REPOSITORY_MODULES, ADDON), join(folder, 'node_modules', ADDON));
}
