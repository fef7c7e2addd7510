import fc from 'fast-check';
import { definePipeline, type Job, JobQueueError, type JobQueueService } from '../../lib/index';
import { closeApplications, queueApplication } from '../nest/application';
import { until } from '../support/until';
import { type Hostile, hostile } from './hostile';

/*
 * Whatever the verbs of the service are given: they do what they were asked for, or reject with one of our errors;
 * nothing else is thrown, and the queue works as before.
 */

let queue: JobQueueService;

beforeAll(async () => {
  ({ queue } = await queueApplication());
});

afterAll(closeApplications);

type Verb = (given: never) => unknown;

const DEFINED = definePipeline('p');
const SHORT = { timeout: 0.01 };
/** A loop that has begun to end. */
const ENDED = { signal: AbortSignal.abort() };

const reserved = async (): Promise<Job> => {
  await queue.addJob('to-settle', 1);
  const job = await queue.getNextJobAndReserve('to-settle');
  if (!job) throw new Error('There is no job.');
  return job;
};

const verbs: Readonly<Record<string, Verb>> = {
  'addJob, pipeline': (given) => queue.addJob(given, 1),
  'addJob, options': (given) => queue.addJob('p', 1, given),
  'addJob, delay': (delay) => queue.addJob('p', 1, { delay }),
  'addJob, priority': (priority) => queue.addJob('p', 1, { priority }),
  'addJob, ttr': (ttr) => queue.addJob('p', 1, { ttr }),
  'addJob, attempts': (attempts) => queue.addJob('p', 1, { attempts }),
  'addJob, backoff': (backoff) => queue.addJob('p', 1, { backoff }),
  'addJob, manager': (manager) => queue.addJob('p', 1, { manager }),
  'addJob, afterCommit': (afterCommit) => queue.addJob('p', 1, { afterCommit }),
  'addJob, payload': (given) => queue.addJob('p', given),
  'addJobs, pipeline': (given) => queue.addJobs(given, [{ payload: 1 }]),
  'addJobs, jobs': (given) => queue.addJobs('p', given),
  'addJobs, one job': (given) => queue.addJobs('p', [{ payload: 1 }, given]),
  'addJobs, options': (given) => queue.addJobs('p', [{ payload: 1 }], given),
  'addJob, unique': (unique) => queue.addJob('p', 1, { unique }),
  'addJob, unique.key': (key) => queue.addJob('p', 1, { unique: { key } }),
  'addJob, unique.onConflict': (onConflict) =>
    queue.addJob('p', 1, { unique: { key: 'k', onConflict } as never }),
  'addJob, unique.for': (given) => queue.addJob('p', 1, { unique: { key: 'k', for: given } }),
  'addJob, unique.maxWait': (maxWait) =>
    queue.addJob('p', 1, { delay: 1, unique: { key: 'k', onConflict: 'debounce', maxWait } }),
  'addJob, keep': (keep) => queue.addJob('p', 1, { keep }),
  'addJob, keep.completed': (completed) => queue.addJob('p', 1, { keep: { completed } }),
  'addJob, keep.completed.count': (count) => queue.addJob('p', 1, { keep: { completed: { count } } }),
  'addJob, keep.completed.for': (given) => queue.addJob('p', 1, { keep: { completed: { for: given } } }),
  'addJobOnce, pipeline': (given) => queue.addJobOnce(given, 1, { unique: 'k' }),
  'addJobOnce, payload': (given) => queue.addJobOnce('p', given, { unique: 'k' }),
  'addJobOnce, options': (given) => queue.addJobOnce('p', 1, given),
  'addJobAndWait, pipeline': (given) => queue.addJobAndWait(given, 1, SHORT),
  'addJobAndWait, payload': (given) => queue.addJobAndWait('p', given, SHORT),
  'addJobAndWait, options': (given) => queue.addJobAndWait('p', 1, given),
  'getNextJobAndReserve, pipeline': (given) => queue.getNextJobAndReserve(given),
  'getNextJobAndReserve, options': (given) => queue.getNextJobAndReserve('empty', given),
  'getNextBuriedJob, pipeline': (given) => queue.getNextBuriedJob(given),
  'deleteJob, job': (given) => queue.deleteJob(given),
  'releaseJob, job': (given) => queue.releaseJob(given),
  'releaseJob, options': async (given) => queue.releaseJob(await reserved(), given),
  'buryJob, job': (given) => queue.buryJob(given),
  'buryJob, options': async (given) => queue.buryJob(await reserved(), given),
  'buryJob, reason': async (reason) => queue.buryJob(await reserved(), { reason }),
  'touchJob, job': (given) => queue.touchJob(given),
  'kickJob, job': (given) => queue.kickJob(given),
  'kick, pipeline': (given) => queue.kick(given, 1),
  'kick, limit': (given) => queue.kick('p', given),
  'kick, options': (given) => queue.kick('p', 1, given),
  'kickJob, options': (given) => queue.kickJob('1', given),
  'changeJob, job': (given) => queue.changeJob(given, { priority: 1 }),
  'changeJob, changes': (given) => queue.changeJob('1', given),
  'changeJob, payload': async (payload) => queue.changeJob(await queue.addJob('p', 1), { payload }),
  'changeJob, priority': (priority) => queue.changeJob('1', { priority }),
  'changeJob, delay': (delay) => queue.changeJob('1', { delay }),
  'stats, pipeline': (given) => queue.stats(given),
  'counts, pipelines': (given) => queue.counts(given),
  'counts, one pipeline': (given) => queue.counts(['p', given]),
  'counts, options': (given) => queue.counts(['p'], given),
  'counts, limit': (limit) => queue.counts(['p'], { limit }),
  'findJob, id': (given) => queue.findJob(given),
  'findJob, pipeline': (given) => queue.findJob(given, '1'),
  'findJob, job of a definition': (given) => queue.findJob(DEFINED, given),
  'findJob, unique': (unique) => queue.findJob({ pipeline: 'p', unique }),
  'history, pipeline': (given) => queue.history(given),
  'history, options': (given) => queue.history('p', given),
  'history, state': (state) => queue.history('p', { state }),
  'history, after': (after) => queue.history('p', { after }),
  'history, the moment of after': (endedAt) => queue.history('p', { after: { id: '1', endedAt } }),
  'history, limit': (limit) => queue.history('p', { limit }),
  'events, pipeline': (given) => queue.events(given, ENDED).next(),
  'events, options': (given) => queue.events('p', given).return(),
  'events, after': (after) => queue.events('p', { ...ENDED, after }).next(),
  'events, signal': (signal) => queue.events('p', { signal }).return(),
  'progress, job': (given) => queue.progress(given),
  'logs, job': (given) => queue.logs(given),
  'logs, options': (given) => queue.logs('1', given),
  'logs, after': (after) => queue.logs('1', { after }),
  'logs, limit': (limit) => queue.logs('1', { limit }),
  'job.progress, value': async (given) => (await reserved()).progress(given),
  'job.log, line': async (given) => (await reserved()).log(given),
  'cancelJob, job': (given) => queue.cancelJob(given),
  'cancelJob, unique': (unique) => queue.cancelJob({ pipeline: 'p', unique }),
  'deleteJob, unique': (unique) => queue.deleteJob({ pipeline: 'p', unique }),
  'kickJob, unique': (unique) => queue.kickJob({ pipeline: 'p', unique }),
  'cancelJob, reason': (reason) => queue.cancelJob('1', reason),
  'waitFor, job': (given) => queue.waitFor(given, SHORT),
  'waitFor, options': (given) => queue.waitFor('none', given),
  'waitFor, timeout': (timeout) => queue.waitFor('none', { timeout }),
  'peek, pipeline': (given) => queue.peek(given, 'ready'),
  'peek, state': (given) => queue.peek('p', given),
  'peek, page': (given) => queue.peek('p', 'ready', given),
  'pause, pipeline': (given) => queue.pause(given, 1),
  'pause, duration': (given) => queue.pause('paused', given),
  'resume, pipeline': (given) => queue.resume(given),
  'clear, pipeline': (given) => queue.clear(given, 'ready'),
  'clear, state': (given) => queue.clear('p', given),
  'selectPipeline, pipeline': (given) => queue.selectPipeline(given),
  'watchPipeline, pipeline': (given) => queue.watchPipeline(given),
  'listPipelines and workers': () => Promise.all([queue.listPipelines(), queue.workers()]),
  'process, schema of a definition': (schema) =>
    queue.process(definePipeline(`p${Math.random()}`, { schema }), () => undefined),
  ...Object.fromEntries(
    ['concurrency', 'attempts', 'backoff', 'timeout', 'ttr', 'maxLost', 'prefetch', 'transaction'].map(
      (name): [string, Verb] => [
        `process, ${name}`,
        (given) => queue.process(`p${Math.random()}`, () => undefined, { [name]: given as unknown }),
      ],
    ),
  ),
  'process, keep': (keep) => queue.process(`p${Math.random()}`, () => undefined, { keep }),
  'process, keep.buried': (buried) =>
    queue.process(`p${Math.random()}`, () => undefined, { keep: { buried } }),
  'schedules.set, name': (given) => queue.schedules.set(given, { pipeline: 'p', every: '1h' }),
  'schedules.set, schedule': (given) => queue.schedules.set('s', given),
  'schedules.set, cron': (cron) => queue.schedules.set('s', { pipeline: 'p', cron }),
  'schedules.set, every': (every) => queue.schedules.set('s', { pipeline: 'p', every }),
  'schedules.set, timeZone': (timeZone) =>
    queue.schedules.set('s', { pipeline: 'p', cron: '@daily', timeZone }),
  'schedules.set, payload': (payload) => queue.schedules.set('s', { pipeline: 'p', every: '1h', payload }),
  'schedules.set, missed': (missed) => queue.schedules.set('s', { pipeline: 'p', every: '1h', missed }),
  'schedules.set, overlap': (overlap) => queue.schedules.set('s', { pipeline: 'p', every: '1h', overlap }),
  'schedules.set, pipeline': (pipeline) => queue.schedules.set('s', { pipeline, every: '1h' }),
  'schedules.set, transaction': (transaction) =>
    queue.schedules.set('s', { pipeline: 'p', every: '1h', transaction }),
  'schedules.set, attempts': (attempts) => queue.schedules.set('s', { pipeline: 'p', every: '1h', attempts }),
  'schedules.set, backoff': (backoff) => queue.schedules.set('s', { pipeline: 'p', every: '1h', backoff }),
  'schedules.pause, name': (given) => queue.schedules.pause(given),
  'schedules.resume, name': (given) => queue.schedules.resume(given),
  'schedules.remove, options': (given) => queue.schedules.remove('s', given),
  'schedules.pause, options': (given) => queue.schedules.pause('s', given),
  'schedules.get, name': (given) => queue.schedules.get(given),
  'schedules.next, name': (given) => queue.schedules.next(given, 1),
  'schedules.next, count': (given) => queue.schedules.next('s', given),
  'schedules.list, page': (given) => queue.schedules.list(given),
  'schedules.remove, name': (given) => queue.schedules.remove(given),
  'schedules.runNow, name': (given) => queue.schedules.runNow(given),
  'process, pipeline': (given) => queue.process(given, () => undefined),
  'process, handler': (given) => queue.process(`p${Math.random()}`, given),
  'process, options': (given) => queue.process(`p${Math.random()}`, () => undefined, given),
};

describe.each(Object.keys(verbs))('%s', (name) => {
  const verb = verbs[name] as Verb;

  it('is done or refused with one of our errors', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (given) => {
        await doneOrRefused(verb, given);
      }),
      { numRuns: 60, seed: 1 },
    );
    await queue.addJob('witness', { still: 'works' });
    const witness = await until('a job comes through', () => queue.getNextJobAndReserve('witness'));
    expect(witness.payload).toEqual({ still: 'works' });
    await queue.deleteJob(witness);
  });
});

async function doneOrRefused(verb: Verb, { make }: Hostile): Promise<void> {
  try {
    await verb(make() as never);
  } catch (error) {
    if (!(error instanceof JobQueueError)) throw error;
    expect(error.code).toMatch(/^[A-Z_]+$/);
    // A message is for people: it does not repeat a whole payload.
    expect(error.message.length).toBeLessThan(2000);
  }
}
