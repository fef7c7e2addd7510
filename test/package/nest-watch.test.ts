import { join } from 'node:path';
import { freePort } from '../support/servers/free-port';
import { temporaryFolder } from '../support/temporary-folder';
import { WatchedApplication } from './watched-application';

jest.setTimeout(120_000);

/*
 * What docs/nest.md says of development. Without its own shell Nest waits for the application itself before it starts the
 * next one, so that this finds the port free; else the shell may be gone before the application is.
 */
it.each<[string, () => Promise<number>]>([
  ['nest start --watch', () => Promise.resolve(0)],
  ['nest start --watch --no-shell', freePort],
])('a saved file gives the running job to the next process at once: %s', async (script, port) => {
  const folder = await temporaryFolder('watched');
  const application = await WatchedApplication.start(folder.path, script, {
    PORT: String(await port()),
    JOB_QUEUE_URL: `sqlite:${join(folder.path, 'jobs.sqlite')}`,
  });
  try {
    await application.prints('edition 1 runs job 1, attempt 1');
    await application.edit('main.ts', 'EDITION: number = 1', 'EDITION: number = 2');
    await application.prints('edition 2 ends job 1');
    // The default of shutdownTimeout would be 30 s, and a lost job one ttr.
    expect(application.output).toContain('1 job had not ended after 0 s, and will run again');
    expect(application.output).toContain('edition 2 runs job 1, attempt 1');
    expect(application.output).not.toContain('EADDRINUSE');
  } finally {
    await application.kill();
    await folder.remove();
  }
});
