import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { beanstalkdBackend } from '../../lib/beanstalkd';
import type { QueueBackend } from '../../lib/core/contract/backend';
import type { Leased } from '../../lib/core/contract/job-data';
import type { Leases } from '../../lib/core/contract/leases';
import { Proxy } from '../faults/support/proxy';
import { askBeanstalkd } from '../support/ask';
import { put } from '../support/put';
import { ok, scriptedBeanstalkd } from '../support/scripted-beanstalkd';
import { startBeanstalkd } from '../support/servers/beanstalkd';
import { freePort } from '../support/servers/free-port';
import type { PrivateServer } from '../support/servers/private-server';
import { until } from '../support/until';

const job = { payload: '1', priority: 1024, delay: 0, ttr: 60 };
const unavailable = { code: 'BACKEND_UNAVAILABLE' };
const { signal } = new AbortController();

function reserve(consumer: Leases, wait: number): Promise<Leased[]> {
  return consumer.reserve(1, wait, signal);
}

describe('connecting to what is no beanstalkd', () => {
  async function connectTo(greet: string, answer: string): Promise<unknown> {
    const server = createServer((socket) => {
      socket.write(greet);
      socket.on('error', () => undefined);
      socket.on('data', () => (answer === 'close' ? socket.destroy() : socket.write(answer)));
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    try {
      // The others have answered within it, however busy the machine is.
      const silent = greet + answer === '';
      return await beanstalkdBackend({ port, ...(silent && { timeout: 0.3 }) })
        .connect()
        .catch((error: Error) => error);
    } finally {
      server.close();
    }
  }

  it('names host and port when nobody listens', async () => {
    const port = await freePort();
    const backend = beanstalkdBackend({ port });
    await expect(backend.connect()).rejects.toMatchObject(unavailable);
    await expect(backend.connect()).rejects.toThrow(`127.0.0.1:${port}`);
    await expect(backend.put('mails', [job])).rejects.toMatchObject({ code: 'BACKEND_CLOSED' });
    await backend.close();
  });

  it('names a host that does not exist', async () => {
    await expect(beanstalkdBackend('beanstalkd://nowhere.invalid').connect()).rejects.toThrow(
      /nowhere\.invalid:11300/,
    );
  });

  it.each([
    ['a web server', '', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'UNSUPPORTED_SERVER'],
    ['a redis', '', "-ERR unknown command 'stats'\r\n", 'UNSUPPORTED_SERVER'],
    ['a mail server', '220 mail.example.org ESMTP\r\n', '', 'UNSUPPORTED_SERVER'],
    ['a beanstalkd of 2013', '', 'OK 17\r\n---\nversion: 1.9\n\r\n', 'UNSUPPORTED_SERVER'],
    ['the last one that is too old', '', 'OK 18\r\n---\nversion: 1.10\n\r\n', 'UNSUPPORTED_SERVER'],
    ['one that hangs up', '', 'close', 'BACKEND_UNAVAILABLE'],
    ['one that is silent', '', '', 'BACKEND_UNAVAILABLE'],
  ])('refuses %s', async (_, greet, answer, code) => {
    expect(await connectTo(greet, answer)).toMatchObject({ code });
  });
});

it('needs the version that README names', async () => {
  const server = await scriptedBeanstalkd({ stats: () => ok('---\nversion: "1.9"\n') });
  const refused = await beanstalkdBackend(server.url)
    .connect()
    .catch((error: Error) => error.message);
  await server.close();
  const [, needed] = /beanstalkd (\S+) or later/.exec(String(refused)) ?? [];
  const readme = await readFile('README.md', 'utf8');
  expect(readme).toMatch(new RegExp(`^\\| versions .*\\| ≥ ${needed} \\|$`, 'm'));
});

describe('a beanstalkd that fails', () => {
  let server: PrivateServer;
  let backend: QueueBackend;
  let consumer: Leases;

  beforeEach(async () => {
    server = await startBeanstalkd();
    await open();
  });

  afterEach(async () => {
    await consumer.close();
    await backend.close();
    await server.remove();
  });

  async function open(options: { timeout?: number; port?: number } = {}): Promise<void> {
    backend = beanstalkdBackend({ port: server.port, ...options });
    await backend.connect();
    consumer = await backend.lease(['mails']);
  }

  it('is connected to again when it is back', async () => {
    const [id] = await put(backend, 'mails', [job]);
    await server.kill();
    await expect(backend.put('mails', [job])).rejects.toMatchObject(unavailable);
    await expect(reserve(consumer, 0)).rejects.toMatchObject(unavailable);
    await server.start();
    // Another pipeline was used before: what the new connection is about is its own.
    await backend.put('others', [job]);
    expect(await reserve(consumer, 5)).toMatchObject([{ id, pipeline: 'mails' }]);
  });

  it('ends a wait when it dies', async () => {
    const coming = expect(reserve(consumer, 30)).rejects.toMatchObject(unavailable);
    await server.kill();
    await coming;
    await server.start();
    await put(backend, 'mails', [job]);
    expect(await reserve(consumer, 5)).toHaveLength(1);
  });

  it('loses the reservations with the connection, and tells so', async () => {
    await backend.put('mails', [job, job]);
    const [first] = await reserve(consumer, 0);
    const [second] = await reserve(consumer, 0);
    await server.kill();
    await server.start();
    await until(
      'the end of the connection is known',
      async () => (await consumer.renew([first!])).length === 1,
    );
    const ends = [first!, second!].map((held) => ({ job: held, outcome: 'delete' }) as const);
    expect(await consumer.settle(ends, 0)).toEqual({ lost: [first, second], next: [] });
    expect(await backend.inspect.stats('mails')).toMatchObject({ ready: 2, reserved: 0 });
  });

  it('takes no jobs while it drains, and still gives them', async () => {
    await put(backend, 'mails', [job]);
    process.kill(server.pid, 'SIGUSR1');
    await until('it drains', async () => {
      await expect(backend.put('mails', [job])).rejects.toThrow(/draining/);
      return true;
    });
    const [held] = await until('a job comes', () => reserve(consumer, 1));
    await consumer.settle([{ job: held!, outcome: 'delete' }], 0);
  });

  it('ends a wait when the network swallows its packets', async () => {
    await consumer.close();
    await backend.close();
    const proxy = await Proxy.before(server.port);
    await open({ timeout: 1, port: proxy.port });
    const waiting = reserve(consumer, 60);
    await until('it waits', async () =>
      (await askBeanstalkd(server.url, 'stats')).includes('current-waiting: 1'),
    );
    proxy.swallow();
    await expect(waiting).rejects.toMatchObject(unavailable);
    proxy.cutAll();
  });

  it('is given up when it does not answer, and not because a wait is long', async () => {
    await consumer.close();
    await backend.close();
    await open({ timeout: 2 });
    expect(await reserve(consumer, 3)).toEqual([]);
    server.freeze();
    await expect(backend.inspect.stats('mails')).rejects.toThrow(/does not answer within 2 s/);
    await expect(backend.inspect.stats('mails')).rejects.toMatchObject(unavailable);
    server.thaw();
    await until('it answers again', () => backend.inspect.stats('mails'));
  });
});
