import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { FOLDER } from './pictures/folders';

/* Starts a web process and a worker. They share the queue and a folder, and know nothing of each other. */

const JOB_QUEUE_URL = process.env['JOB_QUEUE_URL'] ?? `sqlite:${join(FOLDER, 'jobs.sqlite')}`;

const processes = ['web.js', 'worker.js'].map((file) =>
  spawn(process.execPath, [join(__dirname, file)], {
    env: { ...process.env, JOB_QUEUE_URL },
    stdio: 'inherit',
  }),
);

function stop(): void {
  for (const each of processes) each.kill('SIGTERM');
}

for (const each of processes) {
  each.once('exit', (code) => {
    if (!code) return;
    process.exitCode = code;
    stop();
  });
}
process.once('SIGTERM', stop);
// Ctrl+C reaches all three by itself.
process.on('SIGINT', () => undefined);
