import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { beanstalkdBackend } from '../../lib/beanstalkd';
import type { Leased } from '../../lib/core/contract/job-data';
import type { Leases } from '../../lib/core/contract/leases';
import { jsonCodec } from '../../lib/core/payload/payload-codec';
import type { Job } from '../../lib/core/policy/job';
import { JobEvents } from '../../lib/core/policy/job-events';
import { WorkerGroup } from '../../lib/core/process/worker-group';
import { JobRunner } from '../../lib/core/worker/run/job-runner';
import { Opened } from '../support/opened';
import { put } from '../support/put';
import { ok, type Script, scriptedBeanstalkd } from '../support/scripted-beanstalkd';
import { startBeanstalkd } from '../support/servers/beanstalkd';
import type { PrivateServer } from '../support/servers/private-server';
import { until } from '../support/until';

const MEGABYTE = 1_000_000;
const job = { payload: '1', priority: 1024, delay: 0, ttr: 60 };
const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
const { signal } = new AbortController();
const opened = new Opened();

let server: PrivateServer;

beforeAll(async () => {
  server = await startBeanstalkd({ maxJobSize: 20 * MEGABYTE });
});
afterEach(() => opened.close());
afterAll(() => server.remove());

async function open(port = server.port) {
  const backend = opened.add(beanstalkdBackend({ port }));
  await backend.connect();
  return backend;
}

async function end(leases: Leases, leased: Leased, outcome: 'delete' | 'release' | 'bury'): Promise<void> {
  const settlement = outcome === 'release' ? { outcome, delay: 0 } : { outcome };
  expect(await leases.settle([{ job: leased, ...settlement }], 0)).toEqual({ lost: [], next: [] });
}

describe('a job that is given back', () => {
  it('counts no attempt, no kick and no loss, beside one that is kept on the same connection', async () => {
    const backend = await open();
    const leases = opened.add(await backend.lease(['returned']));
    const [kept, other] = await put(backend, 'returned', [job, { ...job, priority: 2000 }]);
    const [running] = await leases.reserve(1, 0, signal);
    expect(running?.id).toBe(kept);
    for (let times = 0; times < 35; times++) {
      const [leased] = await leases.reserve(1, 2, signal);
      expect(leased).toMatchObject({ id: other, attempt: 1, kicks: 0, timeouts: 0, priority: 2000 });
      void leases.giveBack([leased!]);
    }
    expect(await leases.renew([running!])).toEqual([]);
    await end(leases, running!, 'delete');
  });

  it('keeps the attempts and kicks that it had', async () => {
    const backend = await open();
    const leases = opened.add(await backend.lease(['kicked']));
    const [id] = await put(backend, 'kicked', [job]);
    await end(leases, (await leases.reserve(1, 2, signal))[0]!, 'release');
    await end(leases, (await leases.reserve(1, 2, signal))[0]!, 'bury');
    expect(await backend.admin.kickJob(id!)).toBe(true);
    for (let times = 0; times < 3; times++) {
      const [leased] = await leases.reserve(1, 2, signal);
      expect(leased).toMatchObject({ attempt: 3, kicks: 1, timeouts: 0 });
      void leases.giveBack([leased!]);
    }
    await until('it is ready', async () => (await backend.inspect.find(id!))?.state === 'ready');
    expect(await backend.inspect.find(id!)).toMatchObject({ attempts: 2, kicks: 1 });
    const [leased] = await leases.reserve(1, 2, signal);
    await end(leases, leased!, 'bury');
    expect(await backend.inspect.find(id!)).toMatchObject({ state: 'buried', attempts: 3, kicks: 1 });
  });
});

describe('a lease that ran out before its job was started', () => {
  it('is not counted as the loss of a worker', async () => {
    let looks = 0;
    const stats = (state: string, timeouts: number) =>
      ok(
        `---\nid: 7\ntube: mails\nstate: ${state}\npri: 1\nage: 9\nttr: 60\ntime-left: 59\nreserves: ${timeouts + 1}\ntimeouts: ${timeouts}\nreleases: 0\nburies: 0\nkicks: 0\n`,
      );
    const scripted = opened.add(
      await scriptedBeanstalkd({
        'reserve-with-timeout': () => 'RESERVED 7 1\r\n1\r\n',
        // Three times its time is over when it is asked about.
        'stats-job': () => (++looks <= 3 ? stats('ready', looks) : stats('reserved', 4)),
      }),
    );
    const backend = await open(scripted.port);
    const leases = opened.add(await backend.lease(['mails']));
    const [leased] = await until('it is handed out', async () => {
      const jobs = await leases.reserve(1, 0, signal);
      return jobs.length > 0 && jobs;
    });
    // One of the four was somebody else's.
    expect(leased).toMatchObject({ id: '7', timeouts: 1, attempt: 1 });
  });

  it('does not happen to small jobs because large ones arrive with them', async () => {
    const backend = await open();
    const events = new JobEvents(silent);
    const ended: string[] = [];
    for (const name of ['completed', 'buried'] as const)
      events.on(name, ({ job: { id } }) => ended.push(`${name} ${id}`));
    const [large, small] = [JSON.stringify('x'.repeat(19 * MEGABYTE)), '"small"'];
    const payloads = Array.from({ length: 6 }, () => [large, small, small]).flat();
    const ids = await put(
      backend,
      'mixed',
      payloads.map((payload) => ({ ...job, payload, ttr: 1 })),
    );
    const group = new WorkerGroup(backend, events, silent);
    opened.add({ close: () => group.drain(1) });
    const runner = new JobRunner({
      handler: () => undefined,
      codec: jsonCodec,
      retry: {},
      maxLost: 3,
      timeout: 0,
    });
    await group.start({ pipeline: 'mixed', concurrency: 10, prefetch: true, runner });
    await until('all have ended', () => ended.length === ids.length, { within: 25 });
    expect(ended.toSorted()).toEqual(ids.map((id) => `completed ${id}`).toSorted());
  });
});

/** What `stats-job` says of a job that is reserved for the first time. */
const reservedStats = (id = '') =>
  ok(
    `---\nid: ${id}\ntube: mails\nstate: reserved\npri: 1\nage: 9\nttr: 60\ntime-left: 59\nreserves: 1\ntimeouts: 0\nreleases: 0\nburies: 0\nkicks: 0\n`,
  );

describe('a job that runs', () => {
  /** Waiting gets the next job on another connection, and looking what `ready` has; the first job runs. */
  async function first(ready: string[], script: Readonly<Record<string, Script>> = {}) {
    let waited = 0;
    const scripted = opened.add(
      await scriptedBeanstalkd({
        'reserve-with-timeout': ([seconds]) =>
          seconds === '0' ? (ready.shift() ?? 'TIMED_OUT\r\n') : `RESERVED ${++waited} 1\r\n1\r\n`,
        'stats-job': ([id]) => reservedStats(id),
        touch: () => 'TOUCHED\r\n',
        delete: () => 'DELETED\r\n',
        ...script,
      }),
    );
    const backend = await open(scripted.port);
    const lost: Leased[] = [];
    const leases = opened.add(await backend.lease(['mails'], (jobs) => void lost.push(...jobs)));
    const [running] = await leases.reserve(1, 1, signal);
    return { scripted, leases, lost, running: running! };
  }

  it('goes on when another connection breaks while jobs are settled and reserved', async () => {
    const ready = ['TIMED_OUT\r\n', 'RESERVED 7 1\r\n1\r\n'];
    const { scripted, leases, running } = await first(ready, {
      delete: ([id], socket) => (id === '2' ? void socket.destroy() : 'DELETED\r\n'),
      release: () => 'RELEASED\r\n',
      'kick-job': () => 'KICKED\r\n',
    });
    const [beside] = await leases.reserve(1, 0, signal);
    const [elsewhere] = await leases.reserve(1, 1, signal);
    ready.push('RESERVED 8 1\r\n1\r\n');
    const ends = [beside!, elsewhere!].map((leased) => ({ job: leased, outcome: 'delete' as const }));
    await expect(leases.settle(ends, 1)).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
    expect(await leases.renew([running])).toEqual([]);
    // Nobody has heard of it.
    expect(scripted.asked).toContain('kick-job 8');
  });

  it('is told lost at once when its connection is given up, because the server is ill', async () => {
    const { leases, lost, running } = await first(['TIMED_OUT\r\n', 'INTERNAL_ERROR\r\n']);
    await expect(leases.reserve(1, 0, signal)).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
    expect(lost).toEqual([running]);
  });
});

describe('jobs on two connections', () => {
  /** Both are reserved by waiting, on a connection each; `end` is what comes of the delete of the second. */
  async function two(end: (socket: Socket) => string | undefined) {
    let reserved = 0;
    const scripted = opened.add(
      await scriptedBeanstalkd({
        'reserve-with-timeout': ([seconds]) =>
          seconds === '0' ? 'TIMED_OUT\r\n' : `RESERVED ${++reserved} 1\r\n1\r\n`,
        'stats-job': ([id]) => reservedStats(id),
        delete: ([id], socket) => (id === '1' ? 'DELETED\r\n' : end(socket)),
      }),
    );
    const backend = await open(scripted.port);
    const leases = opened.add(await backend.lease(['mails']));
    const [first] = await leases.reserve(1, 1, signal);
    const [second] = await leases.reserve(1, 1, signal);
    const settlements = [first!, second!].map((leased) => ({ job: leased, outcome: 'delete' as const }));
    return { backend, leases, settlements, second };
  }

  it('are both settled when a look ends before the server has answered: no connection is closed', async () => {
    const answering: Socket[] = [];
    const { backend, leases, settlements } = await two((socket) => void answering.push(socket));
    const settled = leases.settle(settlements, 0);
    await until('the server is to answer', () => answering.length === 1);
    // As after each look: of the connections that have nothing to do, one is kept.
    await leases.giveBack([]);
    // The end of a connection would have come by then.
    await backend.inspect.stats('mails');
    answering[0]!.write('DELETED\r\n');
    expect(await settled).toEqual({ lost: [], next: [] });
  });

  it('are told apart when one connection breaks while both are settled', async () => {
    const { leases, settlements, second } = await two((socket) => void socket.destroy());
    await expect(leases.settle(settlements, 0)).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
    expect(await leases.settle(settlements, 0)).toEqual({ lost: [second], next: [] });
  });

  it('are told apart when one connection after the other breaks', async () => {
    const { leases, settlements, second } = await two((socket) => void socket.destroy());
    await expect(leases.settle(settlements, 0)).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
    const [third] = await leases.reserve(1, 1, signal);
    const all = [...settlements, { job: third!, outcome: 'delete' as const }];
    await expect(leases.settle(all, 0)).rejects.toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
    expect(await leases.settle(all, 0)).toEqual({ lost: [second, third], next: [] });
  });
});

describe('a connection that is cut while its job runs', () => {
  it('aborts the signal at once, and the job does not run beside itself', async () => {
    const proxy = opened.add(await cuttableProxy(server.port));
    const backend = await open(proxy.port);
    const events = new JobEvents(silent);
    const happened: string[] = [];
    for (const name of ['started', 'lost', 'completed'] as const) events.on(name, () => happened.push(name));
    const group = new WorkerGroup(backend, events, silent);
    opened.add({ close: () => group.drain(1) });
    const signals: AbortSignal[] = [];
    const endings: (() => void)[] = [];
    const handler = (running: Job) => {
      signals.push(running.signal);
      return new Promise<void>((resolve) => endings.push(resolve));
    };
    const runner = new JobRunner({ handler, codec: jsonCodec, retry: {}, maxLost: 3, timeout: 0 });
    await group.start({ pipeline: 'cut', concurrency: 3, prefetch: false, runner });
    const other = await open();
    const [id] = await put(other, 'cut', [job]);
    await until('it runs', () => signals.length === 1);

    proxy.cut();
    // Its ttr is a minute, and it would be renewed after half of that.
    await until('the handler knows', () => signals[0]!.aborted);
    expect(signals[0]!.reason).toMatchObject({
      code: 'RESERVATION_LOST',
      jobId: id,
      cause: { code: 'BACKEND_UNAVAILABLE' },
    });
    await until('it was reserved again', async () => (await other.inspect.find(id!))?.state === 'reserved');
    expect(happened).toEqual(['started', 'lost']);

    endings[0]!();
    await until('it runs again', () => endings.length === 2);
    endings[1]!();
    await until('it is done', () => happened.includes('completed'));
    expect(happened).toEqual(['started', 'lost', 'started', 'completed']);
  });
});

/** Passes everything on to the server until it cuts all connections; new ones are made. */
async function cuttableProxy(port: number) {
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const cut = () => sockets.forEach((socket) => socket.destroy());
  return {
    port: (proxy.address() as AddressInfo).port,
    cut,
    close: () => {
      cut();
      proxy.close();
      return Promise.resolve();
    },
  };
}

it('a body that is not UTF-8 is buried as undecodable, and stays byte for byte', async () => {
  const body = Buffer.from('{"a":"caf\xe9"}', 'latin1');
  const socket = connect(server.port, '127.0.0.1').setEncoding('latin1');
  opened.add({ close: () => Promise.resolve(socket.destroy()) });
  let heard = '';
  socket.on('data', (text: string) => (heard += text));
  socket.write(
    Buffer.concat([Buffer.from(`use garbled\r\nput 1 0 60 ${body.length}\r\n`), body, Buffer.from('\r\n')]),
  );
  const id = await until('it is stored', () => /INSERTED (\d+)/.exec(heard)?.[1]);

  const backend = await open();
  const events = new JobEvents(silent);
  const reasons: unknown[] = [];
  events.on('buried', ({ reason }) => reasons.push(reason));
  const group = new WorkerGroup(backend, events, silent);
  opened.add({ close: () => group.drain(1) });
  const handler = jest.fn();
  // U+FFFD itself is a character like others.
  const [whole] = await put(backend, 'garbled', [{ ...job, payload: '"caf\ufffd"', priority: 2000 }]);
  const runner = new JobRunner({ handler, codec: jsonCodec, retry: {}, maxLost: 3, timeout: 0 });
  await group.start({ pipeline: 'garbled', concurrency: 1, prefetch: true, runner });

  await until('it is buried', async () => (await backend.inspect.find(id))?.state === 'buried');
  await until('the other one is done', async () => (await backend.inspect.find(whole!)) === undefined);
  expect(handler).toHaveBeenCalledTimes(1);
  expect(reasons).toEqual([expect.stringMatching(/cannot be decoded: its bytes are not UTF-8/)]);
  heard = '';
  socket.write(`peek ${id}\r\n`);
  await until('it is shown', () => heard.endsWith('\r\n'));
  expect(heard).toBe(`FOUND ${id} ${body.length}\r\n${body.toString('latin1')}\r\n`);
});
