import {
  type Connection,
  type ConnectionPool,
  Connections,
} from '../../lib/backends/sql/connection/connections';
import { DeadlineError } from '../../lib/backends/sql/connection/deadline';
import { FaultReporter } from '../../lib/backends/sql/connection/fault-reporter';

/* Which connections are trusted after one has failed. */

const faults = new FaultReporter('a test', { conflict: new Set(), unavailable: () => false });

function pool(openedAt: () => number) {
  const destroyed: number[] = [];
  let made = 0;
  const connections: ConnectionPool<Connection> = {
    acquire: async () => {
      const number = (made += 1);
      return {
        openedAt: openedAt(),
        deadline: 1,
        release: () => {},
        destroy: () => destroyed.push(number),
        rows: () => Promise.resolve([]),
        change: () => Promise.resolve(0),
      };
    },
    end: () => Promise.resolve(),
  };
  return { destroyed, connections: new Connections(connections, faults, 1) };
}

async function fail(connections: Connections<Connection>): Promise<void> {
  const silent = () => Promise.reject(new DeadlineError('no answer'));
  await expect(connections.lend(silent)).rejects.toThrow('no answer');
}

it('replaces every connection that was open when one failed', async () => {
  const ages = [-Infinity, -Infinity, -Infinity];
  const { connections, destroyed } = pool(() => ages.shift() ?? performance.now());
  await fail(connections);
  expect(destroyed).toEqual([1]);
  expect(await connections.lend(() => Promise.resolve('done'))).toBe('done');
  expect(destroyed).toEqual([1, 2, 3]);
});

it('goes on with a pool that never tells how old its connections are', async () => {
  const { connections, destroyed } = pool(() => -Infinity);
  await fail(connections);
  expect(await connections.lend(() => Promise.resolve('done'))).toBe('done');
  expect(destroyed).toHaveLength(101);
  expect(await connections.lend(() => Promise.resolve('again'))).toBe('again');
  expect(destroyed).toHaveLength(101);
});
