import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import { openBackend } from '../../lib/backends/open-backend';
import { BackendUnavailableError } from '../../lib/core/contract/errors';
import type { QueueEvent } from '../../lib/index';
import { overriding } from '../conformance/broken-backends';
import { endJobs } from '../events/end-jobs';
import { until } from '../support/until';
import { closeApplications, queueApplication } from './application';

afterEach(closeApplications);

/** What a loop hears, in a list that grows, and the end of the loop. */
function heard(events: AsyncGenerator<QueueEvent, void, void>) {
  const all: QueueEvent[] = [];
  const listening = async (): Promise<void> => {
    for await (const event of events) all.push(event);
  };
  return { all, ended: listening() };
}

describe('queue.events', () => {
  it('tells of what ends from now on, by default', async () => {
    const backend = memoryBackend();
    const { app, queue } = await queueApplication([], { backend });
    await endJobs(backend, 'mail', 2);
    const events = queue.events('mail');
    const [first] = await endJobs(backend, 'mail', 1);
    const { all, ended } = heard(events);
    const [second] = await endJobs(backend, 'mail', 1);
    await until('both are heard', () => all.length === 2);
    expect(all.map(({ job }) => job.id)).toEqual([first, second]);
    await app.close();
    await ended;
  });

  it('tells what the handlers of an application return, in the order of their ends', async () => {
    const { queue } = await queueApplication([], { defaults: { keep: { completed: '1h' } } });
    const { all } = heard(queue.events('mail'));
    await queue.process('mail', ({ payload }) => ({ sent: payload }));
    const ids = await queue.addJobs('mail', [{ payload: 1 }, { payload: 2 }]);
    await until('both are heard', () => all.length === 2);
    expect(all.map(({ job }) => [job.id, job.state, job.result])).toEqual([
      [ids[0], 'completed', { sent: 1 }],
      [ids[1], 'completed', { sent: 2 }],
    ]);
  });

  it('goes on behind a cursor, or begins with the oldest', async () => {
    const backend = memoryBackend();
    const { queue } = await queueApplication([], { backend });
    const ids = await endJobs(backend, 'mail', 250);
    const signal = new AbortController();
    const whole = heard(queue.events('mail', { after: 'oldest', signal: signal.signal }));
    await until('all is heard', () => whole.all.length === 250);
    const { cursor } = whole.all[199]!;
    const rest = heard(queue.events('mail', { after: cursor, signal: signal.signal }));
    await until('the rest is heard', () => rest.all.length === 50);
    expect([...whole.all.slice(0, 200), ...rest.all].map(({ job }) => job.id)).toEqual(ids);
    signal.abort();
    await Promise.all([whole.ended, rest.ended]);
  });

  it('ends at once when its signal has aborted', async () => {
    const backend = memoryBackend();
    const { queue } = await queueApplication([], { backend });
    await endJobs(backend, 'mail', 1);
    const { all, ended } = heard(queue.events('mail', { after: 'oldest', signal: AbortSignal.abort() }));
    await ended;
    expect(all).toEqual([]);
  });

  it('waits while the backend does not answer', async () => {
    const backend = memoryBackend();
    let asked = 0;
    const broken = overriding(backend, {
      features: {
        ...backend.features,
        events: overriding(backend.features.events, {
          range: async (pipeline) => {
            asked += 1;
            if (asked < 2) throw new BackendUnavailableError('memory', 'the cable is cut');
            return backend.features.events.range(pipeline);
          },
        }),
      },
    });
    const { queue } = await queueApplication([], { backend: broken });
    await backend.connect();
    const signal = new AbortController();
    const { all, ended } = heard(queue.events('mail', { after: 'oldest', signal: signal.signal }));
    await endJobs(backend, 'mail', 1);
    await until('it is heard', () => all.length === 1);
    signal.abort();
    await ended;
  });

  it('rejects when the next event is gone, and says where to go on', async () => {
    const backend = memoryBackend();
    const { queue } = await queueApplication([], { backend });
    const [gone] = await endJobs(backend, 'mail', 2);
    const begin = '0';
    await backend.features.history.remove(gone!);
    await expect(queue.events('mail', { after: begin }).next()).rejects.toMatchObject({
      code: 'EVENTS_GONE',
      next: '1',
    });
    expect((await queue.events('mail', { after: '1' }).next()).value).toMatchObject({ cursor: '2' });
  });

  it.each([
    [{ after: '' }, `after must be the cursor of an event, 'oldest' or 'newest', got ""`],
    [{ after: null }, `after must be the cursor of an event, 'oldest' or 'newest', got null`],
    [{ signal: null }, `signal must be an AbortSignal, got null`],
    [{ after: '-1' }, `after must be the cursor of an event`],
    [{ after: 3 }, `after must be the cursor of an event`],
    [{ signal: 'now' }, `signal must be an AbortSignal, got "now"`],
    [{ from: '3' }, 'from'],
  ])('refuses %j at once', async (options, message) => {
    const { queue } = await queueApplication();
    expect(() => queue.events('mail', options as never)).toThrow(message);
  });

  it('refuses a cursor that no event has had, and the name of no pipeline', async () => {
    const { queue } = await queueApplication();
    await expect(queue.events('mail', { after: '7' }).next()).rejects.toMatchObject({
      code: 'INVALID_JOB_OPTION',
      message: expect.stringContaining('The events of mail end with 0, and are asked for after 7') as string,
    });
    expect(() => queue.events('no pipeline')).toThrow('is not a valid pipeline name');
  });

  it('is refused on beanstalkd, with what to do instead', async () => {
    const beanstalkd = await openBackend('beanstalkd://127.0.0.1:1');
    const { queue } = await queueApplication([], {
      backend: overriding(beanstalkd, { connect: async () => undefined }),
    });
    expect(() => queue.events('mail')).toThrow('cannot tell of the ends of jobs across processes');
  });
});
