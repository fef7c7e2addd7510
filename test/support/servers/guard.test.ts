import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transformFile } from '@swc/core';
import { temporaryFolder, type TemporaryFolder } from '../temporary-folder';
import { until } from '../until';
import { Guard } from './guard';
import { runningAmong } from './process-family';

// What a test run does with a server, in a process that can be killed: the "server" is sh with a child.
const RUN = `
  const { spawn } = require('node:child_process');
  const { Guard } = require('./guard.js');
  const guard = new Guard(process.argv[2]);
  const server = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  guard.watch(server.pid);
  server.stdout.once('data', (child) => console.log(server.pid, String(child)));
`;

describe('The guard of a server', () => {
  let scripts: TemporaryFolder;

  beforeAll(async () => {
    scripts = await temporaryFolder();
    const guard = await transformFile(join(__dirname, 'guard.ts'), { module: { type: 'commonjs' } });
    await writeFile(join(scripts.path, 'guard.js'), guard.code);
    await writeFile(join(scripts.path, 'run.js'), RUN);
  });
  afterAll(() => scripts.remove());

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'ends it with its children and removes its folder when the run ends by %s',
    async (signal) => {
      const { path } = await temporaryFolder();
      const run = spawn(process.execPath, [join(scripts.path, 'run.js'), path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [pids] = (await once(run.stdout.setEncoding('utf8'), 'data')) as [string];
      const family = pids.trim().split(' ').map(Number);
      expect(runningAmong(family)).toEqual(family);

      run.kill(signal);
      await until(
        'server, child and folder are gone',
        () => runningAmong(family).length === 0 && !existsSync(path),
      );
    },
  );

  it('removes the folder when it is dismissed', async () => {
    const { path } = await temporaryFolder();
    const guard = new Guard(path);
    expect(existsSync(path)).toBe(true);
    await guard.dismiss();
    expect(existsSync(path)).toBe(false);
  });
});
