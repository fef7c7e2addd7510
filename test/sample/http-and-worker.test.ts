import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../support/until';

const SAMPLE = join(__dirname, '../../sample/05-http-and-worker');
const RUN = join(SAMPLE, 'dist/run.js');

it('sample/05-http-and-worker prints what its README says', async () => {
  if (!existsSync(RUN)) throw new Error(`${RUN} is missing: npm run build && npx nest build --all`);
  const [, text] = /```text\n([\s\S]*?)```/.exec(readFileSync(join(SAMPLE, 'README.md'), 'utf8')) ?? [];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [RUN]);
  expect(stderr).toBe('');
  // A page that a busy machine was late to show is one that nobody saw.
  const promised = text!.trimEnd().split('\n');
  const printed = stdout.trimEnd().split('\n');
  const isSure = (line: string) => !/page \d/.test(line);
  expect(promised.filter((line) => printed.includes(line))).toEqual(printed);
  expect(printed.filter(isSure)).toEqual(promised.filter(isSure));
  expect(printed.filter((line) => !isSure(line)).length).toBeGreaterThan(2);
}, 60_000);

it('sample/05-http-and-worker leaves no process behind when its output is read by head', async () => {
  const script = `node '${RUN}' | head -n 2`;
  const { stdout } = await promisify(execFile)('sh', ['-c', script]);
  expect(stdout.split('\n')).toHaveLength(3);
  const left = async () => {
    const { stdout: commands } = await promisify(execFile)('ps', ['-eo', 'args']);
    return commands.split('\n').filter((line) => line.includes(join(SAMPLE, 'dist')));
  };
  await until('they have ended', async () => (await left()).length === 0);
}, 60_000);
