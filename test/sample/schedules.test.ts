import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SAMPLE = join(__dirname, '../../sample/06-schedules-and-unique-jobs');
const RUN = join(SAMPLE, 'dist/run.js');

it('sample/06-schedules-and-unique-jobs prints what its README says, whatever the time', async () => {
  if (!existsSync(RUN)) throw new Error(`${RUN} is missing: npm run build && npx nest build --all`);
  const [, promised] = /```text\n([\s\S]*?)```/.exec(readFileSync(join(SAMPLE, 'README.md'), 'utf8')) ?? [];
  // Wherever it runs, and whatever its process's zone is.
  const env = { ...process.env, TZ: 'America/New_York' };
  expect(await promisify(execFile)(process.execPath, [RUN], { env })).toEqual({
    stdout: promised,
    stderr: '',
  });
}, 60_000);
