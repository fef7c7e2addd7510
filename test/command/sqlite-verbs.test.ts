import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openBackend } from '../../lib/backends/open-backend';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { feature } from '../../lib/core/contract/features';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { CommandLine } from './command-line';

jest.setTimeout(90_000);

describe('job-queue', () => {
  let folder: TemporaryFolder;
  let queue: QueueBackend;
  let command: CommandLine;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const url = `sqlite:${join(folder.path, 'jobs.sqlite')}`;
    queue = await openBackend(url);
    await queue.connect();
    command = new CommandLine(url);
  });
  afterAll(async () => {
    await queue.close();
    await folder.remove();
  });

  describe('add', () => {
    it('takes what a job may have', async () => {
      const options = ['--priority', '3', '--ttr', '5m', '--attempts', '2', '--backoff', '10s'];
      const { id } = (await command.json('add', 'report', '[1]', ...options)) as { id: string };
      expect(await queue.inspect.find(id)).toMatchObject({
        ...{ payload: '[1]', priority: 3, ttr: 300, retry: '{"attempts":2,"backoff":10}' },
      });
    });

    it('reads the payload from its input, and stores a text as it is with --raw', async () => {
      const json = await command.run(['add', 'report', '-'], '{"from": "input"}\n');
      const raw = await command.run(['add', 'report', '-', '--raw'], 'no JSON\n');
      expect(await queue.inspect.find(json.stdout.trim())).toMatchObject({ payload: '{"from": "input"}' });
      expect(await queue.inspect.find(raw.stdout.trim())).toMatchObject({ payload: 'no JSON\n' });
    });

    it('adds one job of a key', async () => {
      const first = (await command.json('add', 'report', '1', '--unique', 'nightly')) as { id: string };
      expect(await command.json('add', 'report', '2', '--unique', 'nightly')).toEqual({
        ...{ id: first.id, added: false },
      });
    });

    it('refuses a payload that is not JSON, without repeating it', async () => {
      const { code, stdout, stderr } = await command.run(['add', 'report', '{to:secret}']);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('not JSON');
      expect(stderr).not.toContain('secret');
    });
  });

  it('list prints lines with tabs, a state at a time, page by page', async () => {
    for (const priority of [3, 1, 2])
      await queue.put('pages', [{ payload: 'null', priority, delay: 0, ttr: 60 }]);
    const { stdout } = await command.run([
      'list',
      'pages',
      '--state',
      'ready',
      '--limit',
      '1',
      '--offset',
      '1',
    ]);
    const [head, first, ...rest] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(head?.slice(0, 3)).toEqual(['ID', 'STATE', 'PRIORITY']);
    expect([first?.slice(1, 3), rest]).toEqual([['ready', '2'], []]);
    expect(await command.json('list', 'pages', '--state', 'buried')).toEqual([]);
  });

  it('show prints the payload and the reason, and nothing that a terminal would obey', async () => {
    const [{ id } = { id: '' }] = await queue.put('odd', [
      { payload: '{"a":"\u001b[2J"}', priority: 0, delay: 60, ttr: 60 },
    ]);
    expect(await command.json('bury', id, '--reason', 'first line\nsecond \u001b[31mred')).toEqual({
      ...{ buried: 1, missed: [] },
    });
    const { stdout } = await command.run(['show', id]);
    expect(stdout).toContain('second \\x1b[31mred');
    expect(stdout).toContain('{"a":"\\x1b[2J"}');
    expect(stdout).toMatch(/buried: +20/);
    expect(stdout).not.toContain('\u001b');
  });

  it('says which jobs it has not found, and does the others', async () => {
    const { id } = (await command.json('add', 'mail', '1')) as { id: string };
    const { code, stdout, stderr } = await command.run(['delete', id, '999999', '--yes']);
    expect([code, stdout]).toEqual([1, 'deleted 1\n']);
    expect(stderr).toContain('999999');
    expect(await command.run(['show', id])).toMatchObject({ code: 1, stdout: '' });
    expect(await command.run(['kick', '--job', id])).toMatchObject({ code: 1, stdout: '' });
  });

  it.each([
    ['delete', '1'],
    ['clear', 'mail', '--state', 'ready'],
    ['schedules', 'remove', 'nightly'],
  ])('refuses %s where nobody can be asked', async (...args) => {
    const { id } = (await command.json('add', 'mail', '1')) as { id: string };
    const { code, stderr } = await command.run(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining('say it with --yes')]);
    expect(await queue.inspect.find(id)).toBeDefined();
  });

  it('lists, runs, pauses, resumes and removes schedules', async () => {
    const schedules = feature(queue, 'schedules');
    await schedules.set({
      ...{ name: 'nightly report', pipeline: 'night', payload: '{"a":1}', priority: 1, ttr: 60 },
      ...{ cron: '0 3 * * *', timeZone: 'Asia/Seoul', missed: 'once', overlap: true, source: 'api' },
    });
    const { stdout } = await command.run(['schedules', 'list']);
    expect(stdout).toMatch(/nightly report\tnight\t0 3 \* \* \*\tAsia\/Seoul\tapplication\t\t20.*Z\n/);
    const { id } = (await command.json('schedules', 'run', 'nightly report')) as { id: string };
    expect(await queue.inspect.find(id)).toMatchObject({ pipeline: 'night', payload: '{"a":1}' });
    await command.json('schedules', 'pause', 'nightly report');
    expect(await schedules.find('nightly report')).toMatchObject({ paused: true });
    await command.json('schedules', 'resume', 'nightly report');
    expect(await schedules.find('nightly report')).toMatchObject({ paused: false });
    await command.json('schedules', 'remove', 'nightly report', '--yes');
    expect(await schedules.find('nightly report')).toBeUndefined();
    expect(await command.run(['schedules', 'pause', 'nightly report'])).toMatchObject({ code: 1 });
  });

  it('makes no file', async () => {
    const file = join(folder.path, 'mistyped.sqlite');
    const { code, stderr } = await command.run(['stats', '--url', `sqlite:${file}`]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('there is no file')]);
    expect(existsSync(file)).toBe(false);
  });
});
