import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { announce, mayInstall } from './debian-package';
import { isInstalled } from './installed-program';

const execute = promisify(execFile);

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** Copies of the loader, one a program. */
const LOADERS = 'loaders';
/** One more whenever `unstableRoot` makes something else of the same packages. */
const LAYOUT = 1;
const MIRROR = 'http://deb.debian.org/debian';

/** `TEST_SERVERS=newest`: the servers are those of Debian's unstable distribution, not the system's. */
export function wantsNewest(): boolean {
  return process.env['TEST_SERVERS'] === 'newest';
}

/** The server cannot be had on this machine or on this day. */
export class ServerNotAvailableError extends Error {}

export interface UnstableSetup {
  /** Of its folder, and as it stands in messages. */
  readonly name: string;
  readonly packages: readonly string[];
  /** Programs that have to run, below the root: `usr/sbin/mysqld`. */
  readonly programs: readonly string[];
  /** What is made once and kept beside the programs. */
  readonly prepare?: (root: string) => Promise<void>;
}

/**
 * Packages of Debian's unstable distribution, unpacked into a folder of their own that later runs use again. apt has
 * lists, downloads and a status of its own there, so that the system has no part in it; no right of root is needed.
 * Answers the folder. Throws `ServerNotAvailableError`.
 */
export function unstableRoot(setup: UnstableSetup): Promise<string> {
  const root = join(cacheFolder(), `${setup.name}-${fingerprint(setup)}`);
  // Servers that start at once share one download.
  const making = underWay.get(root) ?? madeOnce(root, setup).finally(() => underWay.delete(root));
  underWay.set(root, making);
  return making;
}

const underWay = new Map<string, Promise<string>>();

async function madeOnce(root: string, { name, packages, programs, prepare }: UnstableSetup): Promise<string> {
  if (existsSync(root)) return root;
  refuseWhereImpossible(name);
  announce(`The tests download ${name} from Debian's unstable distribution into ${root}`);
  // Nobody else's, until it is whole: two runs may make it at once, and a run may be killed.
  const making = `${root}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(making, { recursive: true, mode: 0o755 });
    await unpack(making, packages);
    for (const program of programs) await wrap(making, program);
    await removeOtherPrograms(making);
    await prepare?.(making);
    await rename(making, root);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    // Another run was faster.
    if (existsSync(root)) return root;
    throw new ServerNotAvailableError(`${name} could not be downloaded or unpacked: ${lastWords(error)}`, {
      cause: error,
    });
  }
  return root;
}

/** Another one when other packages or programs are needed, so that nobody uses a folder without them. */
function fingerprint({ packages, programs }: UnstableSetup): string {
  const text = JSON.stringify([LAYOUT, packages, programs]);
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** Servers run as users of their own, who have to reach it: a home folder is not for them when we are root. */
function cacheFolder(): string {
  const { TEST_CACHE, XDG_CACHE_HOME } = process.env;
  if (TEST_CACHE) return TEST_CACHE;
  const caches = process.getuid?.() === 0 ? '/var/cache' : XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(caches, 'nestjs-simple-job-queue-servers');
}

function refuseWhereImpossible(name: string): void {
  if (!mayInstall()) throw new ServerNotAvailableError(`${name} is not here, and TEST_INSTALL=no`);
  const lacking = ['apt-get', 'dpkg'].filter((program) => !isInstalled(program));
  if (lacking.length > 0 || !existsSync(KEYRING)) {
    throw new ServerNotAvailableError(
      `${name} comes from Debian's archive, and this system is no Debian (no ${lacking[0] ?? KEYRING})`,
    );
  }
}

async function unpack(root: string, packages: readonly string[]): Promise<void> {
  const apt = join(root, 'apt');
  for (const folder of ['lists/partial', 'archives/partial'])
    await mkdir(join(apt, folder), { recursive: true });
  await writeFile(join(apt, 'status'), '');
  await writeFile(join(apt, 'sources.list'), `deb [signed-by=${KEYRING}] ${await mirror()} sid main\n`);
  const options = [
    `Dir::Etc::SourceList=${join(apt, 'sources.list')}`,
    'Dir::Etc::SourceParts=/dev/null',
    `Dir::State=${apt}`,
    `Dir::State::status=${join(apt, 'status')}`,
    `Dir::Cache=${apt}`,
    // Its own user for downloads has no right to the folder.
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
  ].flatMap((option) => ['-o', option]);
  // Without the strict mode a list that cannot be had is no failure.
  await execute('apt-get', [...options, '-o', 'APT::Update::Error-Mode=any', 'update']);
  const install = ['install', '-y', '--no-install-recommends', '--download-only', ...packages];
  await execute('apt-get', [...options, ...install], { maxBuffer: 2 ** 24 });
  const archives = await readdir(join(apt, 'archives'));
  for (const archive of archives.filter((name) => name.endsWith('.deb'))) {
    await execute('dpkg', ['-x', join(apt, 'archives', archive), root]);
  }
  await rm(apt, { recursive: true });
}

/** The system's own, which may be near. */
async function mirror(): Promise<string> {
  const sources = '/etc/apt/sources.list.d/debian.sources';
  if (!existsSync(sources)) return MIRROR;
  return /^URIs: *(\S+)/m.exec(await readFile(sources, 'utf8'))?.[1] ?? MIRROR;
}

/** Puts a script in the program's place that runs it with the loader and the libraries of its own distribution. */
async function wrap(root: string, program: string): Promise<void> {
  const libraries = (await readdir(join(root, 'usr/lib'))).find((name) => name.includes('-linux-gnu')) ?? '';
  const folders = ['usr/lib64', 'usr/lib', join('usr/lib', libraries)].filter((folder) =>
    existsSync(join(root, folder)),
  );
  const loaders = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(root, folder)))
        .filter((name) => /^ld-linux.*\.so/.test(name))
        .map((name) => join(folder, name)),
    ),
  );
  const [loader] = loaders.flat();
  if (loader === undefined) throw new Error(`${root} has no loader`);
  const path = join(root, program);
  const name = basename(program);
  // A process is named after the file that runs, and scripts look for processes by their names.
  await mkdir(join(root, LOADERS), { recursive: true });
  await copyFile(join(root, loader), join(root, LOADERS, name));
  await rename(path, `${path}.real`);
  await writeFile(
    path,
    [
      '#!/bin/sh',
      // By its own path, because the folder is renamed when it is whole.
      'root=${0%/usr/*}',
      // Programs look for their files beside the one that they were called by.
      `exec "$root/${LOADERS}/${name}" --argv0 "$0" --library-path "$root/usr/lib/${libraries}:$root/usr/lib" "$0.real" "$@"`,
      '',
    ].join('\n'),
  );
  await chmod(path, 0o755);
}

/**
 * They would not run, for want of the loader, and a server that looks beside itself would find them before those of
 * the system: `ps`, `sh`.
 */
async function removeOtherPrograms(root: string): Promise<void> {
  for (const folder of ['usr/bin', 'usr/sbin']) {
    const files = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    const programs = files.filter((file) => file.isFile() && !file.name.endsWith('.real'));
    for (const { name } of programs) {
      const path = join(root, folder, name);
      if ((await readFile(path)).subarray(0, 4).toString('latin1') === '\x7fELF') await rm(path);
    }
    // A link to what is no longer there, or to a program of the system.
    for (const link of files.filter((file) => file.isSymbolicLink())) await rm(join(root, folder, link.name));
  }
}

function lastWords(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  const text = stderr?.trim() || message || String(error);
  return text.split('\n').at(-1) ?? '';
}
