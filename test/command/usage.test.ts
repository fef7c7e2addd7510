import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newProgram } from '../../lib/command/program';
import { bin, version } from '../../package.json';
import { CommandLine } from './command-line';

const execute = promisify(execFile);

jest.setTimeout(90_000);

const command = new CommandLine();

it('is a command of the package', () => {
  expect(Object.keys(bin)).toEqual(['job-queue', 'job-queue-schema']);
  expect(newProgram().name()).toBe('job-queue');
});

it('prints how it is used, with examples, and of each verb', async () => {
  const all = await command.run(['--help']);
  expect(all).toMatchObject({ code: 0, stderr: '' });
  expect(all.stdout).toContain('$ job-queue stats --watch');
  const kick = await command.run(['kick', '--help']);
  expect(kick.stdout).toContain('--dry-run');
  expect(kick.stdout).toContain('Examples:');
});

it('prints its version', async () => {
  expect(await command.run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

it.each([
  { what: 'no verb', args: [], message: 'Usage: job-queue' },
  { what: 'an unknown verb', args: ['stat'], message: 'Did you mean stats?' },
  { what: 'an unknown option', args: ['stats', '--wacth'], message: 'Did you mean --watch?' },
  { what: 'no queue', args: ['stats'], message: 'set JOB_QUEUE_URL' },
  {
    what: 'a scheme of no backend',
    args: ['stats', '--url', 'redis://x'],
    message: 'cannot begin with "redis:"',
  },
  { what: 'no pipeline name', args: ['list', 'my mail'], message: 'not a valid pipeline name' },
  { what: 'no state', args: ['list', 'mail', '--state', 'done'], message: 'Allowed choices are ready' },
  { what: 'no number', args: ['list', 'mail', '--limit', '0'], message: 'limit must be an integer from 1' },
  { what: 'no duration', args: ['pause', 'mail', '--for', '3 days'], message: 'for must be a duration' },
  { what: 'no state to clear', args: ['clear', 'mail'], message: "'--state <state>' not specified" },
  { what: 'neither a pipeline nor jobs', args: ['kick', '--url', 'sqlite:x'], message: 'either a pipeline' },
])('refuses $what with exit code 2', async ({ args, message }) => {
  const { code, stdout, stderr } = await command.run(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});

it.each([
  [['postgres://ada:sesame@127.0.0.1:1/app', 'stats']],
  [['stats', '--url', 'postgres://ada:sesame@127.0.0.1:1/app']],
  [['stats', '--url', 'mysql://ada:sesame@127.0.0.1:1/app?sslmod=x']],
  [['stats', '--url', 'beanstalkd://ada:sesame@127.0.0.1:1']],
  [['stats', '--url', 'oops://ada:sesame@host/x']],
  [['stats', '--urll', 'postgres://ada:sesame@127.0.0.1:1/app']],
  [['list', 'postgres://ada:sesame@127.0.0.1:1/app']],
])('shows no password: %j', async (args) => {
  const { code, stdout, stderr } = await command.run(args);
  expect(code).not.toBe(0);
  expect(stderr).not.toBe('');
  expect(stdout + stderr).not.toContain('sesame');
});

it('is what job-queue-schema is another name of', async () => {
  const [node, older] = [process.execPath, join(__dirname, '../../dist/bin/job-queue-schema.js')];
  const { stdout } = await execute(node, [older, 'postgres', '--schema', 'app']);
  expect(stdout).toBe((await command.run(['sql', 'postgres', '--schema', 'app'])).stdout);
});
