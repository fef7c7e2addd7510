import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/*
 * Reads the server's current process id, line by line, from a pipe that closes when we end, however we end. Then
 * it kills the server with its children and removes its folder. Signal handlers of ours would not do: a test file
 * sees no signals, and nobody sees SIGKILL.
 */
const SCRIPT = `
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
  kill -STOP "$pid"
  kill -KILL $(pgrep -P "$pid") "$pid"
fi
rm -rf -- "$1"
`;

/** Sees to it that neither a server nor its folder outlives this process. */
export class Guard {
  readonly #shell: ChildProcess;

  constructor(folder: string) {
    // Detached: Ctrl+C in the terminal must not reach it.
    this.#shell = spawn('sh', ['-c', SCRIPT, 'guard', folder], {
      detached: true,
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#shell.unref();
  }

  /** From now on this process is the one to end with us; undefined: none is. */
  watch(pid: number | undefined): void {
    this.#shell.stdin?.write(`${pid ?? ''}\n`);
  }

  /** Ends what is still watched, removes the folder and the guard itself. */
  async dismiss(): Promise<void> {
    this.#shell.ref();
    const dismissed = once(this.#shell, 'exit');
    this.#shell.stdin?.end();
    await dismissed;
  }
}
