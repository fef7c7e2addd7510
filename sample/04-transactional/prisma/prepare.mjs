import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * Installs Prisma, makes its client, and compiles the sample. Prisma's command line has 300 MB, so that it is no
 * dependency of the repository: it is installed here, once.
 */

const VERSION = '7.10.0';
const PACKAGES = ['prisma', '@prisma/client', '@prisma/adapter-better-sqlite3'];

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, 'node_modules');
const COMPILER = join(here, '../../../node_modules/typescript/bin/tsc');

if (!PACKAGES.every(isInstalled)) {
  process.stderr.write(`Installing Prisma ${VERSION} in ${here}\n`);
  const packages = PACKAGES.map((name) => `${name}@${VERSION}`);
  // npm looks for a package.json above: the packages are to be here.
  const place = ['--prefix', here, '--no-save', '--no-package-lock'];
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  // Its own scripts would load engines, which it needs no more.
  run('npm', ['install', ...place, ...quiet, '--ignore-scripts', ...packages]);
  // One SQLite in a process: Prisma takes the repository's, as the queue does.
  rmSync(join(modules, 'better-sqlite3'), { recursive: true });
}
// To make a client it needs no engine either, but would load one.
process.env.PRISMA_SCHEMA_ENGINE_BINARY = process.execPath;
process.env.CHECKPOINT_DISABLE = '1';
run(process.execPath, [join(modules, 'prisma/build/index.js'), 'generate', '--schema', 'schema.prisma']);
run(process.execPath, [COMPILER, '--project', 'tsconfig.json']);

function isInstalled(name) {
  const manifest = join(modules, name, 'package.json');
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === VERSION;
}

/** What it prints is not a part of the sample's output, and of interest only when it fails. */
function run(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: here, encoding: 'utf8' });
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}\n${program} ${args.join(' ')} failed in ${here}\n`);
  process.exit(1);
}
