import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beanstalkdBackend } from '../../lib/beanstalkd';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { askBeanstalkd } from '../support/ask';
import { randomPipeline } from '../support/pipelines';
import { put } from '../support/put';
import { scriptedBeanstalkd } from '../support/scripted-beanstalkd';
import { startBeanstalkd } from '../support/servers/beanstalkd';
import { freePort } from '../support/servers/free-port';
import { beanstalkdUrl } from '../support/test-servers';
import { until } from '../support/until';

const job = { payload: '"hello"', priority: 1024, delay: 0, ttr: 60 };
const opened: QueueBackend[] = [];

async function open(url = beanstalkdUrl()): Promise<QueueBackend> {
  const backend = beanstalkdBackend(url);
  await backend.connect();
  opened.push(backend);
  return backend;
}

afterEach(() => Promise.all(opened.splice(0).map((backend) => backend.close())));

describe('putting into beanstalkd', () => {
  it('stores the payload as it is, for clients in any language', async () => {
    const backend = await open();
    const pipeline = randomPipeline();
    const [id] = await put(backend, pipeline, [{ ...job, payload: '{"to":"Zoë ✉"}' }]);
    expect(await askBeanstalkd(beanstalkdUrl(), `peek ${id}`)).toBe(`FOUND ${id} 17\r\n{"to":"Zoë ✉"}`);
  });

  it('refuses a job with a unique key before it stores any, and says what to do instead', async () => {
    const backend = await open();
    const pipeline = randomPipeline();
    const unique = { key: 'a', onConflict: 'keep', until: 'done' } as const;
    await expect(backend.put(pipeline, [job, { ...job, unique }])).rejects.toMatchObject({
      code: 'UNSUPPORTED_BY_BACKEND',
      message: expect.stringContaining('add the job to a queue on SQL beside it') as string,
    });
    expect((await backend.inspect.stats(pipeline)).ready).toBe(0);
  });

  it('takes jobs from clients in any language', async () => {
    const backend = await open();
    const pipeline = randomPipeline();
    const commands = `use ${pipeline}\r\nput 7 0 120 17\r\n{"to":"Zoë ✉"}`;
    expect(await askBeanstalkd(beanstalkdUrl(), commands)).toContain(`USING ${pipeline}`);
    const peeked = await until('the job is there', () => backend.inspect.peek(pipeline, 'ready'));
    expect(peeked).toMatchObject({ pipeline, payload: '{"to":"Zoë ✉"}', priority: 7, ttr: 120, attempts: 0 });
  });

  it('does not mix up pipelines that are put into at the same time', async () => {
    const backend = await open();
    const [one, other] = [randomPipeline(), randomPipeline()];
    const puts = Array.from({ length: 100 }, (_, index) => {
      const pipeline = index % 2 === 0 ? one : other;
      return put(backend, pipeline, [{ ...job, payload: `"${pipeline}"` }]);
    });
    for (const [id] of await Promise.all(puts)) {
      const stored = await backend.inspect.find(id!);
      expect(stored?.payload).toBe(`"${stored?.pipeline}"`);
    }
    expect(await backend.admin.clear(one, 'ready')).toBe(50);
    expect(await backend.admin.clear(other, 'ready')).toBe(50);
  });

  it('keeps names that YAML takes for numbers or dates', async () => {
    const backend = await open();
    const names = ['0x10', '1e3', '2030-01-01', '017', 'true'];
    for (const name of names) await backend.put(name, [job]);
    expect(await backend.inspect.pipelines()).toEqual(expect.arrayContaining(names));
    for (const pipeline of names) {
      expect(await backend.inspect.peek(pipeline, 'ready')).toMatchObject({ pipeline });
      await backend.admin.clear(pipeline, 'ready');
    }
  });

  it('refuses a payload over the limit of the server before it sends anything', async () => {
    const server = await startBeanstalkd({ maxJobSize: 10 });
    try {
      const backend = await open(server.url);
      const tooLarge = { ...job, payload: '"ééééé"' };
      await expect(backend.put('mails', [job, tooLarge])).rejects.toMatchObject({
        code: 'PAYLOAD_TOO_LARGE',
        bytes: 12,
        limit: 10,
      });
      expect(await backend.inspect.stats('mails')).toMatchObject({ ready: 0 });
      await expect(backend.put('mails', [{ ...job, payload: '"éééé"' }])).resolves.toHaveLength(1);
    } finally {
      await server.remove();
    }
  });

  it('tells which jobs were stored when the disk of the binlog is full', async () => {
    const port = await freePort();
    const binlog = await mkdtemp(join(tmpdir(), 'binlog-'));
    const server = spawn('beanstalkd', ['-l', '127.0.0.1', '-p', `${port}`, '-b', binlog, '-s', '8192']);
    try {
      const backend = await until('it answers', () => open(`beanstalkd://127.0.0.1:${port}`));
      // Its next file cannot be made.
      await rm(binlog, { recursive: true });
      const stored = await backend.put('mails', Array<typeof job>(100).fill(job)).then(
        () => [],
        (error: { code: string; stored: string[] }) => (error.code === 'PUT_INCOMPLETE' ? error.stored : []),
      );
      expect(stored.length).toBeGreaterThan(0);
      expect(await backend.inspect.stats('mails')).toMatchObject({ ready: stored.length });
      await expect(backend.put('mails', [job])).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
    } finally {
      server.kill('SIGKILL');
      await rm(binlog, { recursive: true, force: true });
    }
  });
});

describe('very many puts at once', () => {
  it('are sent a thousand at a time, in their order, so that replies and timers have their turn', async () => {
    const held: Socket[] = [];
    let ids = 0;
    const server = await scriptedBeanstalkd({ put: (_, socket) => void held.push(socket) });
    const backend = await open(server.url);
    const puts = Array.from({ length: 2500 }, () => backend.put('mails', [job]));
    const lot = backend.put('mails', Array<typeof job>(1200).fill(job));
    for (const expected of [1000, 1000, 500, 1000, 200]) {
      await until(`${expected} have come`, () => held.length >= expected);
      // More would have come with them: all that may be sent leaves in one write.
      expect(held).toHaveLength(expected);
      for (const socket of held.splice(0)) socket.write(`INSERTED ${++ids}\r\n`);
    }
    expect((await Promise.all(puts)).map(([added]) => Number(added?.id))).toEqual(
      puts.map((_, index) => index + 1),
    );
    expect(await lot).toHaveLength(1200);
    await backend.close();
    await server.close();
  });

  it('all come to an end when the server goes away', async () => {
    const server = await scriptedBeanstalkd({ put: (_, socket) => void socket.destroy() });
    const backend = await open(server.url);
    const puts = Array.from({ length: 2500 }, () => backend.put('mails', [job]));
    await server.close();
    for (const put of puts) await expect(put).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
  });
});

/** Speaks just as much of the protocol as a put needs, and answers the puts with these words, one after the other. */
async function scriptedServer(
  answers: string[],
): Promise<{ url: string; deleted: string[]; server: Server }> {
  const deleted: string[] = [];
  const stats = '---\nmax-job-size: 65535\nversion: "1.12"\n';
  const server = createServer((socket) => {
    socket.setEncoding('latin1').on('data', (lines: string) => {
      for (const line of lines.split('\r\n')) {
        const [command, argument = ''] = line.split(' ');
        if (command === 'stats') socket.write(`OK ${stats.length}\r\n${stats}\r\n`);
        if (command === 'use') socket.write(`USING ${argument}\r\n`);
        if (command === 'put') socket.write(`${answers.shift()}\r\n`);
        if (command === 'delete') {
          deleted.push(argument);
          socket.write('DELETED\r\n');
        }
      }
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { url: `beanstalkd://127.0.0.1:${port}`, deleted, server };
}

describe('answers to a put that a healthy beanstalkd does not give', () => {
  it.each([
    ['DRAINING', 'BACKEND_UNAVAILABLE'],
    ['OUT_OF_MEMORY', 'BACKEND_UNAVAILABLE'],
    ['INTERNAL_ERROR', 'BACKEND_UNAVAILABLE'],
    ['EXPECTED_CRLF', 'BACKEND_REFUSED'],
    ['BAD_FORMAT', 'BACKEND_REFUSED'],
    ['UNKNOWN_COMMAND', 'BACKEND_REFUSED'],
    ['JOB_TOO_BIG', 'PAYLOAD_TOO_LARGE'],
  ])('%s is %s', async (word, code) => {
    const { url, server } = await scriptedServer([word]);
    const backend = await open(url);
    await expect(backend.put('mails', [job])).rejects.toMatchObject({ code });
    await backend.close();
    server.close();
  });

  it('leaves the first jobs and no others when one in the middle is refused', async () => {
    const { url, server, deleted } = await scriptedServer([
      'INSERTED 1',
      'OUT_OF_MEMORY',
      'INSERTED 2',
      'BURIED 3',
    ]);
    const backend = await open(url);
    await expect(backend.put('mails', [job, job, job, job])).rejects.toMatchObject({
      code: 'PUT_INCOMPLETE',
      stored: ['1'],
      cause: { code: 'BACKEND_UNAVAILABLE' },
    });
    expect(deleted).toEqual(['2', '3']);
    await backend.close();
    server.close();
  });
});
