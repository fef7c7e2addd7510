import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBackend } from '../../lib/backends/open-backend';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { feature } from '../../lib/core/contract/features';
import { MailFolder } from '../../sample/01-send-important-emails/src/demo/mail-folder';
import { MailServer } from '../../sample/01-send-important-emails/src/demo/mail-server';
import { match } from '../../sample/01-send-important-emails/src/demo/match';
import { WorkerProcess } from '../../sample/01-send-important-emails/src/demo/worker-process';
import { SEND_IMPORTANT_EMAILS } from '../../sample/01-send-important-emails/src/emails/email';
import { EMAILS_CSV, readEmailsCsv } from '../../sample/01-send-important-emails/src/emails/emails-csv';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

const DIST = join(__dirname, '../../sample/01-send-important-emails/dist');
const HEADER = 'to,subject,body,delay,priority';

interface Ended {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

function run(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(DIST, script), ...args],
      { env: { ...process.env, ...env } },
      (_error, output, errors) => resolve({ exitCode: child.exitCode ?? -1, output, errors }),
    );
  });
}

describe('sample/01-send-important-emails', () => {
  let folder: TemporaryFolder;

  beforeAll(() => {
    if (!existsSync(join(DIST, 'run.js')))
      throw new Error(`${DIST} is missing: npm run build && npx nest build --all`);
  });

  beforeEach(async () => {
    folder = await temporaryFolder('sample');
  });

  afterEach(() => folder.remove());

  it('delivers what its CSV file says, and kicks a buried job', async () => {
    const mails = join(folder.path, 'mails');
    const { exitCode, output, errors } = await run('run.js', ['--out', mails]);
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    expect(output).toContain('245/245 done');
    expect(output).toMatch(/flaky +3 +3 +0 +9 /);
    expect(output).toMatch(/\d+ jobs\/s/);
    expect(output).toMatch(/Buried: 6\n( {2}job .*: 550 .*no such mailbox\n){6}/);
    expect(output).toContain('delivered at attempt 2');
    expect(output).toContain('SIGTERM to the worker: exit code 0');
    expect(await readdir(mails)).toHaveLength(245 - 6 + 1);
  }, 60_000);

  it("takes anyone's CSV file, and starts clean a second time", async () => {
    const input = join(folder.path, 'own.csv');
    const mails = join(folder.path, 'mails');
    await writeFile(
      input,
      `${HEADER}\r\nada@example.com,"Hi, ""you""","a\r\nb",0.5,7\r\nbob@flaky.example,,,,\r\n`,
    );
    const expected = {
      exitCode: 0,
      errors: '',
      output: expect.stringContaining('No job is buried.') as string,
    };
    expect(await run('run.js', ['--input', input, '--out', mails])).toMatchObject(expected);
    expect(await run('run.js', ['--input', input, '--out', mails])).toMatchObject(expected);
    expect(await readdir(mails)).toEqual(['000001.eml', '000002.eml']);
  }, 60_000);

  it('says what is wrong when it is run twice at once', async () => {
    const runs = await Promise.all(
      ['one', 'other'].map((name) => run('run.js', ['--out', join(folder.path, name)])),
    );
    const [first, second] = runs.sort((one, other) => one.exitCode - other.exitCode);
    expect(first).toMatchObject({ exitCode: 0, errors: '' });
    expect(second).toMatchObject({
      exitCode: 1,
      output: '',
      errors: expect.stringMatching(
        /^Another run of this sample, process \d+, uses .*: wait until it has ended\./,
      ) as unknown,
    });
  }, 60_000);

  it.each([
    [
      'a mistake in the CSV file',
      ['--input', 'bad.csv'],
      /^\S+bad\.csv:2: delay "soon" is not possible: .*\n$/,
    ],
    ['a CSV file that is not there', ['--input', 'none.csv'], /^\S+none\.csv cannot be read: ENOENT.*\n$/],
    ['a mail folder with other things in it', ['--out', '.'], /^\S+ holds bad\.csv, .*\n$/],
    ['an unknown option', ['--inptu', 'x'], /^Unknown option '--inptu'\nUsage: npm run sample -- .*\n$/],
  ])('refuses %s with one message and exit code 2', async (_what, args, message) => {
    await writeFile(join(folder.path, 'bad.csv'), `${HEADER}\nada@example.com,s,b,soon,\n`);
    const { exitCode, output, errors } = await run('run.js', args, { INIT_CWD: folder.path });
    expect({ exitCode, output }).toEqual({ exitCode: 2, output: '' });
    expect(errors).toMatch(message);
  });

  it('loses no mail when the worker is killed, and doubles at most what it was sending', async () => {
    const mailFolder = await MailFolder.empty(join(folder.path, 'mails'));
    await using server = await MailServer.start(mailFolder);
    const url = `sqlite:${join(folder.path, 'jobs.sqlite')}`;
    const env = { ...process.env, JOB_QUEUE_URL: url, SMTP_URL: server.url, MAIL_FROM: 'desk@example.com' };
    const startWorker = () =>
      WorkerProcess.start(join(DIST, 'worker.js'), env, join(folder.path, 'worker.log'));
    expect(await run('main.js', [], env)).toMatchObject({ exitCode: 0, output: 'added 245 jobs\n' });

    const victim = await startWorker();
    await until('some mails are there', async () => (await readdir(mailFolder.path)).length >= 20, {
      within: 30,
    });
    process.kill(victim.pid ?? 0, 'SIGKILL');
    await until('the worker is dead', () => victim.died.aborted);

    const backend = await openBackend(url);
    await backend.connect();
    const running = await reservedJobs(backend);
    expect((await backend.inspect.stats(SEND_IMPORTANT_EMAILS.name)).ready).toBeGreaterThan(0);

    await using successor = await startWorker();
    await until('every job is done', () => allDone(backend), { within: 25 });
    await backend.close();
    expect(await successor.stop()).toBe('exit code 0');

    const orders = await readEmailsCsv(EMAILS_CSV);
    const expected = orders.map(({ email }) => email).filter(({ to }) => !to.endsWith('@refused.example'));
    const { missing, surplus } = match(expected, await mailFolder.messages());
    expect(missing).toEqual([]);
    expect(running).toEqual(expect.arrayContaining(surplus.map(({ jobId }) => jobId)));
  }, 120_000);
});

async function reservedJobs(backend: QueueBackend): Promise<string[]> {
  const jobs = await feature(backend, 'listing').list(SEND_IMPORTANT_EMAILS.name, 'reserved', {
    offset: 0,
    limit: 100,
  });
  return jobs.map(({ id }) => id);
}

async function allDone(backend: QueueBackend): Promise<boolean> {
  const { ready, delayed, reserved } = await backend.inspect.stats(SEND_IMPORTANT_EMAILS.name);
  return ready + delayed + reserved === 0;
}
