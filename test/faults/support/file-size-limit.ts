import { execFileSync } from 'node:child_process';

/**
 * Takes from a process, from now on, the right to write beyond that many bytes in any file; `undefined` gives it
 * back. The system refuses such a write as it would on a full disk, and nobody needs to be root for that.
 */
export function limitFileSize(pid: number, bytes: number | undefined): void {
  // A soft limit: it can be raised again.
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes ?? 'unlimited'}:`]);
}
