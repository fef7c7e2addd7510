import { openBackend } from '../../lib/backends/open-backend';
import { BackendRefusedError, BackendUnavailableError } from '../../lib/core/contract/errors';
import type { Logger } from '../../lib/core/contract/logger';
import { BEAT, type Membership } from '../../lib/core/contract/ports/registry';
import { Presence } from '../../lib/core/process/presence';
import { memoryBackend } from '../../lib/testing';
import { overriding } from '../conformance/broken-backends';
import { closeApplications, queueApplication } from '../nest/application';
import { until } from '../support/until';

const REPORT = { host: 'here', pid: 1, pipelines: ['mail'], concurrency: 1, running: 0 };
const TWO_BEATS = { within: 2 * BEAT + 2 };

/** A presence whose beats end so, and what it has done. */
async function presenceWith(own: Partial<Membership>, health = { lost: false }) {
  const backend = memoryBackend();
  await backend.connect();
  const told: string[] = [];
  const note = (message: string) => void told.push(message);
  const logger: Logger = { log: note, warn: note, error: note };
  const { registry } = backend.features;
  const beats: number[] = [];
  const broken = overriding(backend, {
    features: {
      ...backend.features,
      registry: overriding(registry, {
        join: () => {
          const sound = registry.join();
          const one = overriding(sound, own);
          return overriding(one, {
            beat: (report) => {
              beats.push(performance.now());
              return one.beat(report);
            },
          });
        },
      }),
    },
  });
  return { presence: new Presence(broken, health, () => REPORT, logger), told, beats, registry };
}

afterEach(closeApplications);

describe('Presence', () => {
  it.concurrent('beats every few seconds, and leaves at its end', async () => {
    const { presence, beats, registry } = await presenceWith({});
    presence.begin();
    presence.begin();
    await until('it has said something twice', () => beats.length === 2, TWO_BEATS);
    expect(beats[1]! - beats[0]!).toBeGreaterThan(BEAT * 1000 - 100);
    expect(await registry.list()).toHaveLength(1);
    await presence.end();
    await presence.end();
    expect(await registry.list()).toEqual([]);
  });

  it.concurrent('goes on without a word when a beat is not answered', async () => {
    const unavailable = new BackendUnavailableError('memory', 'the cable is cut');
    const { presence, beats, told } = await presenceWith({ beat: () => Promise.reject(unavailable) });
    presence.begin();
    await until('it has tried twice', () => beats.length === 2, TWO_BEATS);
    await presence.end();
    expect(told).toEqual([]);
  });

  it.concurrent('tells once that its beats are refused', async () => {
    const refused = new BackendRefusedError('memory', 'permission denied');
    const { presence, beats, told } = await presenceWith({ beat: () => Promise.reject(refused) });
    presence.begin();
    await until('it has tried twice', () => beats.length === 2, TWO_BEATS);
    await presence.end();
    expect(told).toEqual([
      'This process works on jobs, and no list of workers shows it (a worker’s rights are in docs/production.md): The memory backend refused: permission denied',
    ]);
  });

  it.concurrent('asks nothing while the backend does not answer', async () => {
    const health = { lost: true };
    const { presence, beats } = await presenceWith({}, health);
    presence.begin();
    setTimeout(() => (health.lost = false), 1000);
    await until('it says something', () => beats.length === 1, TWO_BEATS);
    await presence.end();
  });

  it.concurrent('waits for a backend that does not let it leave, but not for long', async () => {
    const { presence, beats } = await presenceWith({ leave: () => new Promise(() => undefined) });
    presence.begin();
    await until('it has said something', () => beats.length === 1);
    const began = performance.now();
    await presence.end();
    expect(performance.now() - began).toBeLessThan(4000);
  });

  it.concurrent('a process that ends at once says nothing', async () => {
    const { presence, beats } = await presenceWith({});
    presence.begin();
    await presence.end();
    expect(beats).toEqual([]);
  });

  it.concurrent('comes back with a new worker', async () => {
    const { presence, beats, registry } = await presenceWith({});
    presence.begin();
    await until('it is listed', () => beats.length === 1);
    const ending = presence.end();
    presence.begin();
    await ending;
    await until('it has said something again', () => beats.length === 2);
    expect(await registry.list()).toHaveLength(1);
    await presence.end();
  });

  it('an application without handlers is on no list', async () => {
    const { queue } = await queueApplication();
    expect(await queue.workers()).toEqual([]);
  });

  it('beanstalkd says what to do instead', async () => {
    const { queue } = await queueApplication([], {
      backend: overriding(await openBackend('beanstalkd://127.0.0.1:1'), { connect: async () => undefined }),
    });
    await expect(queue.workers()).rejects.toMatchObject({
      code: 'UNSUPPORTED_BY_BACKEND',
      message: expect.stringContaining('cannot list the processes that run workers') as string,
    });
  });
});
