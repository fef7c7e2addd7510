import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { beanstalkdBackend } from '../../lib/beanstalkd';
import type { QueueBackend } from '../../lib/core/contract/backend';
import type { Leased } from '../../lib/core/contract/job-data';
import type { Leases } from '../../lib/core/contract/leases';
import { askBeanstalkd } from '../support/ask';
import { put } from '../support/put';
import { startBeanstalkd } from '../support/servers/beanstalkd';
import type { PrivateServer } from '../support/servers/private-server';
import { until } from '../support/until';

const job = { payload: '1', priority: 1024, delay: 0, ttr: 60 };
const { signal } = new AbortController();

let server: PrivateServer;
const opened: { close(): unknown }[] = [];

beforeAll(async () => {
  server = await startBeanstalkd({ maxJobSize: 5_000_000 });
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});
afterAll(() => server.remove());

async function open(port = server.port): Promise<QueueBackend> {
  const backend = beanstalkdBackend({ port });
  await backend.connect();
  opened.push(backend);
  return backend;
}

async function consume(backend: QueueBackend, ...pipelines: string[]): Promise<Leases> {
  const consumer = await backend.lease(pipelines);
  opened.push(consumer);
  return consumer;
}

async function reserve(consumer: Leases, limit: number, wait = 0): Promise<Leased[]> {
  return consumer.reserve(limit, wait, signal);
}

async function deleteAll(consumer: Leases, jobs: readonly Leased[], limit: number): Promise<Leased[]> {
  const ends = jobs.map((each) => ({ job: each, outcome: 'delete' }) as const);
  const { lost, next } = await consumer.settle(ends, limit);
  expect(lost).toEqual([]);
  return next;
}

async function stat(name: string): Promise<number> {
  const answer = await askBeanstalkd(server.url, 'stats');
  return Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(answer)?.[1]);
}

/**
 * Passes everything on to the server and counts the packets that come for it. Answers go back when all have come: the
 * server writes them one by one, and whoever reads some of them early asks further in a packet for those alone.
 */
async function countingProxy(): Promise<{ port: number; packets: () => number }> {
  let packets = 0;
  const proxy = createServer((client) => {
    const upstream = connect(server.port, '127.0.0.1');
    let asked = '';
    let answered = '';
    client.on('data', (piece: Buffer) => {
      packets++;
      asked += piece.toString();
    });
    client.pipe(upstream);
    upstream.on('data', (piece: Buffer) => {
      answered += piece.toString();
      if (linesThatBegin(/^[A-Z]/gm, answered) < linesThatBegin(/^[a-z]/gm, asked)) return;
      client.write(answered);
      asked = answered = '';
    });
    upstream.on('end', () => client.end(answered));
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  opened.push(proxy);
  return { port: (proxy.address() as AddressInfo).port, packets: () => packets };
}

/** Commands begin with a small letter and answers with a capital one; bodies are numbers and YAML in small letters. */
function linesThatBegin(so: RegExp, text: string): number {
  return text.match(so)?.length ?? 0;
}

describe('the connections of a beanstalkd consumer', () => {
  it('grow with its waits and shrink when nothing is held', async () => {
    const backend = await open();
    const consumer = await consume(backend, 'mails');
    const before = await stat('current-connections');
    const held: Leased[] = [];
    for (let jobs = 0; jobs < 5; jobs++) {
      const coming = reserve(consumer, 1, 5);
      await backend.put('mails', [job]);
      held.push(...(await coming));
    }
    expect(await stat('current-connections')).toBe(before + 4);
    await deleteAll(consumer, held, 0);
    await until('they are closed', async () => (await stat('current-connections')) === before);
  });

  it('are shared by jobs that come together while it waits', async () => {
    const backend = await open();
    const consumer = await consume(backend, 'bursts');
    const before = await stat('current-connections');
    const coming = reserve(consumer, 5, 5);
    await backend.put('bursts', Array<typeof job>(5).fill(job));
    const [first] = await coming;
    const others = await reserve(consumer, 4, 5);
    expect(others).toHaveLength(4);
    expect(await stat('current-connections')).toBe(before);
    await deleteAll(consumer, [first as Leased, ...others], 0);
  });

  it('end with it, even while it waits', async () => {
    const before = await stat('current-connections');
    const backend = await open();
    const consumer = await consume(backend, 'mails');
    const waiting = reserve(consumer, 1, 30);
    await consumer.close();
    expect(await waiting).toEqual([]);
    await backend.close();
    await until('they are closed', async () => (await stat('current-connections')) === before);
  });

  it('carry a batch in a handful of packets', async () => {
    const { port, packets } = await countingProxy();
    const backend = await open(port);
    const consumer = await consume(backend, 'batches');
    let before = packets();
    await backend.put('batches', Array<typeof job>(400).fill(job));
    // 15 kB in one write, which may arrive in two or three pieces.
    expect(packets() - before).toBeLessThanOrEqual(3);
    // Gets used to so many.
    let jobs = await reserve(consumer, 100);
    jobs = await deleteAll(consumer, jobs, 100);
    before = packets();
    jobs = await deleteAll(consumer, jobs, 100);
    expect(jobs).toHaveLength(100);
    // One with 100 deletes and 100 reserves, and one with 100 stats-job; TCP may cut them into pieces.
    expect(packets() - before).toBeLessThanOrEqual(10);
    await deleteAll(consumer, jobs, 100);
  });

  it('ask for few jobs at once when there are few', async () => {
    const backend = await open();
    const consumer = await consume(backend, 'rare');
    const before = await stat('cmd-reserve');
    await backend.put('rare', [job]);
    const jobs = await reserve(consumer, 1000);
    expect(await deleteAll(consumer, jobs, 1000)).toEqual([]);
    expect((await stat('cmd-reserve')) - before).toBeLessThan(10);
  });

  it('put together a body that comes in many packets', async () => {
    const backend = await open();
    const consumer = await consume(backend, 'large');
    const payload = JSON.stringify('✉\r\n'.repeat(500_000));
    await backend.put('large', [{ ...job, payload }, job]);
    const jobs = await reserve(consumer, 2);
    expect(jobs.map((each) => each.payload === payload)).toEqual([true, false]);
    await deleteAll(consumer, jobs, 0);
  });

  it('watch the pipeline "default" only when they are told to', async () => {
    const backend = await open();
    const [without, withIt] = [await consume(backend, 'mails'), await consume(backend, 'default', 'mails')];
    const [id] = await put(backend, 'default', [job]);
    expect(await reserve(without, 1)).toEqual([]);
    const jobs = await reserve(withIt, 1);
    expect(jobs).toMatchObject([{ id, pipeline: 'default' }]);
    await deleteAll(withIt, jobs, 0);
  });

  it('let every reservation end in time, which beanstalkd alone often forgets', async () => {
    const backend = await open();
    await backend.put('slow', Array<typeof job>(20).fill({ ...job, ttr: 1 }));
    for (let consumers = 0; consumers < 20; consumers++) {
      expect(await reserve(await consume(backend, 'slow'), 1)).toHaveLength(1);
    }
    await until('all are ready', async () => (await backend.inspect.stats('slow')).ready === 20, {
      within: 5,
    });
    expect(await backend.admin.clear('slow', 'ready')).toBe(20);
  });
});

it('closes no connection that holds a job when others have become idle', async () => {
  const backend = await open();
  const consumer = await consume(backend, 'three-holders');
  const jobs: Leased[] = [];
  // Each wait needs a connection that holds nothing.
  for (let count = 0; count < 3; count++) {
    const waiting = reserve(consumer, 1, 5);
    await backend.put('three-holders', [job]);
    jobs.push(...(await waiting));
  }
  for (const each of jobs) await deleteAll(consumer, [each], 0);
});

describe('a job that ends the connections of its workers', () => {
  it('counts as lost once for ten of them, so that it is buried at last', async () => {
    const backend = await open();
    const [id] = await put(backend, 'poison', [job]);
    for (let ended = 1; ended <= 20; ended += 1) {
      const consumer = await backend.lease(['poison']);
      const [reserved] = await reserve(consumer, 1, 5);
      expect([reserved?.id, reserved?.attempt, reserved?.timeouts]).toEqual([id, 1, ended > 10 ? 1 : 0]);
      await consumer.close();
    }
    await until('it is ready again', async () => (await backend.inspect.find(id!))?.state === 'ready');
    expect((await backend.inspect.find(id!))?.timeouts).toBe(2);
  });
});
