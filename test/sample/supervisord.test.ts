import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { verdictOn } from '../../sample/03-supervisord/src/demo/verdict';

const RUN = join(__dirname, '../../sample/03-supervisord/dist/run.js');

function run(args: readonly string[]): Promise<{ exitCode: number | null; output: string; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [RUN, ...args], (_error, output, errors) =>
      resolve({ exitCode: child.exitCode, output, errors }),
    );
  });
}

describe('sample/03-supervisord', () => {
  beforeAll(() => {
    if (!existsSync(RUN)) throw new Error(`${RUN} is missing: npm run build && npx nest build --all`);
  });

  it('survives the death of its workers, and ends in order', async () => {
    const { exitCode, output, errors } = await run(['--seconds', '5']);
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(output).toMatch(/\n[1-9]\d* workers were killed/);
    expect(output.match(/: exit status 0\n/g)).toHaveLength(4);
    expect(output).toMatch(/\nmake_invoices +(\d+) +\1 /);
    expect(output).toMatch(/\nsend_newsletters +(\d+) +\1 /);
  }, 90_000);

  it('prints its usage', async () => {
    const { exitCode, output, errors } = await run(['--help']);
    const usage = 'Usage: npm run sample:supervisord -- [--seconds N]\n';
    expect({ exitCode, output, errors }).toEqual({ exitCode: 0, output: usage, errors: '' });
  });

  it('refuses an option that there is not with one line', async () => {
    const { exitCode, errors } = await run(['--second', '5']);
    expect(exitCode).toBe(1);
    expect(errors).toMatch(
      /^Unknown option '--second'.*Usage: npm run sample:supervisord -- \[--seconds N\]\n$/,
    );
  });

  it('refuses a time that is none', async () => {
    const { exitCode, errors } = await run(['--seconds', 'soon']);
    expect(exitCode).toBe(1);
    expect(errors).toBe('--seconds soon is no time. Usage: npm run sample:supervisord -- [--seconds N]\n');
  });
});

describe('the verdict on what the workers have done', () => {
  const killed = new Set([13]);
  const verdict = (...lines: string[]) => verdictOn('mail', 1, lines, killed);

  it('is that all is well when a job was done once, or again after a kill', () => {
    const once = ['started 1 mail 0', 'done 1 mail 0', 'deleted 1 mail 0'];
    expect(verdict(...once)).toMatchObject({ done: 1, startedAgain: 0, lost: [], needlessly: [] });
    for (const before of [['started 13 mail 0'], ['started 13 mail 0', 'done 13 mail 0']]) {
      expect(verdict(...before, ...once)).toMatchObject({
        done: 1,
        startedAgain: 1,
        lost: [],
        needlessly: [],
      });
    }
  });

  it('finds a job that nobody did', () => {
    expect(verdict('started 13 mail 0', 'done 13 other 0')).toMatchObject({ done: 0, lost: [0] });
  });

  it.each([
    ['its worker was not killed', ['started 1 mail 0', 'done 1 mail 0']],
    ['it was deleted before the kill', ['started 13 mail 0', 'done 13 mail 0', 'deleted 13 mail 0']],
  ])('finds a job that was started again although %s', (_why, before) => {
    expect(verdict(...before, 'started 2 mail 0', 'done 2 mail 0')).toMatchObject({ needlessly: [0] });
  });
});
