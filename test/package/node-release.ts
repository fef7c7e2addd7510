import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command';

/** Gets another release of Node from its npm package, and answers the path of its program. */
export async function installNode(release: string, folder: string): Promise<string> {
  await mkdir(folder);
  // The program is downloaded by an install script of the package.
  const manifest = { private: true, dependencies: { node: release }, allowScripts: { node: true } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder });
  return join(folder, 'node_modules/node/bin/node');
}
