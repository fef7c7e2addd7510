import { spawnSync } from 'node:child_process';
import { DemoError } from './demo.error';

const INSTALL = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', 'supervisor'];

/** Installs supervisor when it is missing and we are root on a Debian; otherwise throws with the command to run. */
export function ensureSupervisor(): void {
  if (isThere()) return;
  if (process.getuid?.() === 0) {
    // The update may fail in part, on one unreachable source, without any harm to the installation.
    for (const args of [['update'], INSTALL]) {
      console.log(`$ apt-get ${args.join(' ')}`);
      spawnSync('apt-get', args, {
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    }
  }
  if (isThere()) return;
  throw new DemoError(
    'supervisord is not installed. On Debian or Ubuntu run: sudo apt-get install supervisor; elsewhere: pip install supervisor',
  );
}

function isThere(): boolean {
  return spawnSync('supervisord', ['--version']).status === 0;
}
