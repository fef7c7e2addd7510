import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SAMPLE = join(__dirname, '../../sample/08-operations');
const RUN = join(SAMPLE, 'dist/run.js');

it('sample/08-operations prints what its README says', async () => {
  if (!existsSync(RUN)) throw new Error(`${RUN} is missing: npm run build && npx nest build --all`);
  const [, text] = /```text\n([\s\S]*?)```/.exec(readFileSync(join(SAMPLE, 'README.md'), 'utf8')) ?? [];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [RUN]);
  expect(stderr).toBe('');
  expect(stdout).toBe(text);
}, 60_000);
