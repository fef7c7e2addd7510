import { execFileSync } from 'node:child_process';
import { type DebianPackage } from './debian-package';
import { isInstalled } from './installed-program';

/*
 * A process and its children. PostgreSQL has a process for every connection, each in a process group of its own:
 * a signal to the first process alone, or to its group, leaves the others working.
 */

export const procps: DebianPackage = {
  name: 'procps',
  isInstalled: () => isInstalled('ps') && isInstalled('pgrep'),
};

export type Family = readonly number[];

/** Signals the process and all its children, and answers which these were. */
export function signalFamily(pid: number, signal: NodeJS.Signals): Family {
  // A stopped process starts no child that the list would miss.
  sendSignal(pid, 'SIGSTOP');
  const children = listProcesses()
    .filter(({ parent }) => parent === pid)
    .map((child) => child.pid);
  const family = [...children, pid];
  for (const member of family) sendSignal(member, signal);
  return family;
}

/** Those of them that run. */
export function runningAmong(family: Family): Family {
  const running = new Set(listProcesses().map(({ pid }) => pid));
  return family.filter((pid) => running.has(pid));
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // ESRCH: it ended in the meantime.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Those that run; not the dead that nobody has buried, which some containers keep. */
function listProcesses(): { pid: number; parent: number }[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'stat='], { encoding: 'utf8' });
  return table
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , state]) => !state?.startsWith('Z'))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }));
}
