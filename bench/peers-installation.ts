import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry } from './catalogue';
import { PEERS } from './places';

/** The peers need a newer Node than the library: they run on that of the npm package `node`. */
const NODE = join(PEERS, 'node_modules/node/bin/node');

/** The Node that a contender's process runs on. */
export function nodeOf({ kind }: Entry): string {
  return kind === 'peer' ? NODE : process.execPath;
}

/** Installs the peers in the versions of their lock file, unless they are there. */
export function installPeers(): void {
  if (existsSync(NODE)) return;
  process.stderr.write(`npm ci in ${PEERS}\n`);
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', args, { cwd: PEERS, stdio: ['ignore', 2, 2] });
  if (status !== 0)
    throw new Error('The peers could not be installed: see above, or leave them out with --peers none.');
}
