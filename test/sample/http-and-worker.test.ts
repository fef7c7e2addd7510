import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SAMPLE = join(__dirname, '../../sample/05-http-and-worker');
const RUN = join(SAMPLE, 'dist/run.js');

it('sample/05-http-and-worker prints what its README says', async () => {
  if (!existsSync(RUN)) throw new Error(`${RUN} is missing: npm run build && npx nest build --all`);
  const [, promised] = /```text\n([\s\S]*?)```/.exec(readFileSync(join(SAMPLE, 'README.md'), 'utf8')) ?? [];
  expect(await promisify(execFile)(process.execPath, [RUN])).toEqual({ stdout: promised, stderr: '' });
}, 60_000);
