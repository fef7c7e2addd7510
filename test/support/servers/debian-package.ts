import { spawnSync } from 'node:child_process';
import { isInstalled } from './installed-program';

export interface DebianPackage {
  readonly name: string;
  /** Whether what we need of it is there, from this package or from elsewhere. */
  isInstalled(): boolean;
}

// Waits for another process that is installing; does not give up at once.
const INSTALL = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];

/** `TEST_INSTALL=no`: this run neither installs nor downloads any server. */
export function mayInstall(): boolean {
  return process.env['TEST_INSTALL'] !== 'no';
}

/** Says on stderr what is about to be installed or downloaded, and how to prevent it. */
export function announce(what: string): void {
  process.stderr.write(`${what} (TEST_INSTALL=no prevents this)\n`);
}

/**
 * Installs what is missing when that is possible (root, apt-get) and allowed, and otherwise throws an error with the
 * command to run. Where a package starts a service of its own, that one keeps to its usual port and folder and ours
 * to theirs.
 */
export function installMissing(packages: readonly DebianPackage[]): void {
  const missing = packages.filter((needed) => !needed.isInstalled());
  if (missing.length === 0) return;
  if (mayInstall() && process.getuid?.() === 0 && isInstalled('apt-get')) install(missing);
  const lacking = missing.filter((needed) => !needed.isInstalled());
  if (lacking.length > 0) throw new Error(advice(lacking));
}

/** Synchronous, so that two servers that start at once do not install at once. */
function install(packages: readonly DebianPackage[]): void {
  announce(`The tests install ${namesOf(packages).join(', ')} on this system with apt-get`);
  // The update may fail in part, on one unreachable source, without any harm to the installation.
  for (const args of [['update'], [...INSTALL, ...namesOf(packages)]]) {
    spawnSync('apt-get', args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      // All to stderr: a caller's stdout may be read by a program.
      stdio: ['ignore', 2, 2],
    });
  }
}

function advice(packages: readonly DebianPackage[]): string {
  const names = namesOf(packages).join(' ');
  return [
    `Not installed: ${names}. On Debian or Ubuntu run`,
    '',
    `  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names}`,
    '',
    'or set TEST_POSTGRES_URL, TEST_MARIADB_URL and TEST_BEANSTALKD_URL to servers that exist,',
    'or run the tests without them: BACKENDS=memory,sqlite npm test',
  ].join('\n');
}

function namesOf(packages: readonly DebianPackage[]): string[] {
  return [...new Set(packages.map(({ name }) => name))];
}
