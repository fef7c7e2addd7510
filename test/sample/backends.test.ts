import { execFileSync } from 'node:child_process';
import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder';
import { selectedServers, urlVariables } from '../support/test-servers';
import { WorkerProcess } from '../support/worker-process';

const RUN = join(__dirname, '../../sample/02-backends/src/run.ts');
const BACKENDS = ['sqlite', ...selectedServers()] as const;
const TITLES = {
  sqlite: 'SQLite',
  postgres: 'PostgreSQL',
  mariadb: 'MariaDB',
  mysql: 'MySQL',
  beanstalkd: 'beanstalkd',
};

function run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): WorkerProcess {
  return new WorkerProcess(RUN, { args, environment: { ...process.env, ...environment } });
}

function processesThatName(path: string): string[] {
  const commands = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' });
  return commands.split('\n').filter((command) => command.includes(path));
}

describe('sample/02-backends', () => {
  it('delivers the same on every system, and compares them', async () => {
    const sample = run(['--backends', BACKENDS.join(',')]);
    const exitCode = await sample.exitCode();
    // With all that it printed, which says what was wrong.
    if (exitCode !== 0) throw new Error(`Exit code ${String(exitCode)}:\n${sample.output}`);

    const [, ...runs] = sample.output.split('━━ ');
    expect(runs).toHaveLength(BACKENDS.length);
    for (const [index, backend] of BACKENDS.entries()) {
      const output = runs[index];
      expect(output).toMatch(new RegExp(`^${TITLES[backend]} `));
      expect(output).toMatch(/ordinary +210 +210 +0 +210 /);
      expect(output).toMatch(/flaky +3 +3 +0 +9 /);
      expect(output).toMatch(/refused +6 +0 +6 +0 /);
      expect(output).toMatch(
        backend === 'beanstalkd'
          ? /Buried: 6\n.*this queue keeps no reasons\)\n {2}and 5 more \(this queue shows only the first\)\n\n/
          : /Buried: 6\n(.*: 550 .*no such mailbox\n){6}\n/,
      );
      expect(output).toContain('holds 240 mails: exactly those that should be there');
      expect(sample.output).toMatch(new RegExp(`^${TITLES[backend]} +240 +222 +\\S+ s +\\d+ jobs/s$`, 'm'));
    }
  }, 240_000);

  it('stops whatever it has started when it is interrupted', async () => {
    const folder = await temporaryFolder('sample');
    // Servers run as users of their own, who need it as they need /tmp.
    await chmod(folder.path, 0o1777);
    const noServers = Object.fromEntries(Object.values(urlVariables).map((name) => [name, undefined]));
    const sample = run(['--backends', BACKENDS.at(-1) ?? ''], { ...noServers, TMPDIR: folder.path });
    await sample.prints('worker.js');

    sample.signal('SIGINT');
    expect(await sample.exitCode()).toBe(1);
    expect(sample.output).toMatch(/\nInterrupted by SIGINT\.\n$/);
    expect(await readdir(folder.path)).toEqual([]);
    expect(processesThatName(folder.path)).toEqual([]);
    await folder.remove();
  }, 60_000);

  it.each([
    [
      ['--backends', 'sqlite,redis'],
      /^--backends cannot have "redis": possible are sqlite,postgres,mariadb,beanstalkd\.\n$/,
    ],
    [['--input', 'none.csv'], /^\S+none\.csv cannot be read: ENOENT.*\n$/],
    [['--inptu', 'x.csv'], /^Unknown option '--inptu'.*\nUsage: npm run sample:backends -- .*\n$/],
  ])('refuses %j with one message and exit code 2, before it starts a server', async (args, message) => {
    const sample = run(args);
    expect(await sample.exitCode()).toBe(2);
    expect(sample.output).toMatch(message);
  });
});
