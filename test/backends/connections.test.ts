import {
  type Connection,
  type ConnectionPool,
  Connections,
} from '../../lib/backends/sql/connection/connections';
import { DeadlineError } from '../../lib/backends/sql/connection/deadline';
import { FaultReporter } from '../../lib/backends/sql/connection/fault-reporter';
import { SeveralHosts } from '../../lib/backends/sql/connection/several-hosts';

/* Which connections are trusted after one has failed, and how long one is kept for the next work. */

const faults = new FaultReporter('a test', { conflict: new Set(), unavailable: () => false });

interface Made {
  readonly openedAt?: () => number;
  readonly keepsSpare?: boolean;
}

class TestPool implements ConnectionPool<Connection> {
  readonly keepsSpare: boolean;
  readonly made: (Connection & { broken?: Error | undefined })[] = [];
  readonly released: number[] = [];
  readonly destroyed: number[] = [];
  ended = false;

  constructor(private readonly options: Made) {
    this.keepsSpare = options.keepsSpare ?? false;
  }

  async acquire(): Promise<Connection> {
    const number = this.made.length + 1;
    const connection = {
      openedAt: this.options.openedAt?.() ?? performance.now(),
      deadline: 1,
      release: () => this.released.push(number),
      destroy: () => this.destroyed.push(number),
      rows: () => Promise.resolve([]),
      change: () => Promise.resolve(0),
    };
    this.made.push(connection);
    return connection;
  }

  async end(): Promise<void> {
    this.ended = true;
  }
}

function pool(options: Made) {
  const source = new TestPool(options);
  return { source, connections: new Connections(source, faults, 1) };
}

const work = () => Promise.resolve('done');

async function fail(connections: Connections<Connection>): Promise<void> {
  const silent = () => Promise.reject(new DeadlineError('no answer'));
  await expect(connections.lend(silent)).rejects.toThrow('no answer');
}

it('replaces every connection that was open when one failed', async () => {
  const ages = [-Infinity, -Infinity, -Infinity];
  const { connections, source } = pool({ openedAt: () => ages.shift() ?? performance.now() });
  await fail(connections);
  expect(source.destroyed).toEqual([1]);
  expect(await connections.lend(work)).toBe('done');
  expect(source.destroyed).toEqual([1, 2, 3]);
});

it('goes on with a pool that never tells how old its connections are', async () => {
  const { connections, source } = pool({ openedAt: () => -Infinity });
  await fail(connections);
  expect(await connections.lend(work)).toBe('done');
  expect(source.destroyed).toHaveLength(101);
  expect(await connections.lend(work)).toBe('done');
  expect(source.destroyed).toHaveLength(101);
});

const endOfTick = () => new Promise((resolve) => setImmediate(resolve));

describe('a pool of the queue alone', () => {
  it('has a connection back at the end of the tick, and all work before has that one', async () => {
    const { connections, source } = pool({ keepsSpare: true });
    for (let count = 0; count < 3; count += 1) await connections.lend(work);
    expect([source.made.length, source.released]).toEqual([1, []]);
    await endOfTick();
    expect(source.released).toEqual([1]);
    await connections.lend(work);
    expect(source.made).toHaveLength(2);
  });

  it('has all back of works that go side by side', async () => {
    const { connections, source } = pool({ keepsSpare: true });
    await Promise.all([connections.lend(work), connections.lend(work), connections.lend(work)]);
    await endOfTick();
    expect(source.released.sort()).toEqual([1, 2, 3]);
  });

  it('has one back at once for whoever waits for it', async () => {
    const { connections, source } = pool({ keepsSpare: true });
    let arrive = (): void => {};
    const last = new Promise<void>((resolve) => (arrive = resolve));
    const acquire = source.acquire.bind(source);
    let waiting: Promise<string> | undefined;
    await connections.lend(async () => {
      source.acquire = () => last.then(acquire);
      waiting = connections.lend(work);
    });
    expect(source.released).toEqual([1]);
    arrive();
    expect(await waiting).toBe('done');
  });

  it('replaces one that breaks, or that was open when another one failed', async () => {
    const { connections, source } = pool({ keepsSpare: true });
    await connections.lend(work);
    source.made[0]!.broken = new Error('it has ended');
    await connections.lend(work);
    expect(source.destroyed).toEqual([1]);

    let end = (_reason: Error): void => {};
    const silent = connections.lend(() => new Promise((_, reject) => (end = reject)));
    await connections.lend(work);
    end(new DeadlineError('no answer'));
    await silent.catch(() => undefined);
    await connections.lend(work);
    expect(source.destroyed).toEqual([1, 2, 3]);
    expect(source.made).toHaveLength(4);
  });

  it('has it back before it ends', async () => {
    const { connections, source } = pool({ keepsSpare: true });
    await connections.lend(work);
    await connections.end();
    expect([source.released, source.ended]).toEqual([[1], true]);
    await endOfTick();
    expect(source.released).toEqual([1]);
  });
});

it('gives a connection of a pool that others share back at once', async () => {
  const { connections, source } = pool({});
  await connections.lend(work);
  expect(source.released).toEqual([1]);
});

it('stays with no host of several that the others have left', async () => {
  const [one, other] = [new TestPool({ keepsSpare: true }), new TestPool({ keepsSpare: true })];
  let writable = one;
  const hosts = new SeveralHosts(
    [
      { name: 'one', pool: one },
      { name: 'other', pool: other },
    ],
    async (connection) => writable.made.includes(connection),
    1,
  );
  const connections = new Connections(hosts, faults, 1);
  await connections.lend(work);
  writable = other;
  await hosts.acquire();
  let used: Connection | undefined;
  await connections.lend(async (connection) => void (used = connection));
  expect(other.made).toContain(used);
});
