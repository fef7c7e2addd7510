import assert from 'node:assert/strict';
import type { Theme } from './conformance-case';
import type { QueueUnderTest } from './queue-under-test';

/** Each of these names is a pipeline of its own: a job that is put into one comes out of that one alone. */
async function areApart(queue: QueueUnderTest, ...names: readonly string[]): Promise<void> {
  const ids = new Map<string, string | undefined>();
  for (const name of names) ids.set(name, (await queue.putTo(queue.newPipeline(name), {}))[0]);
  const known = await queue.backend.inspect.pipelines();
  for (const [name, id] of ids) {
    assert.ok(known.includes(name), `pipelines() does not know ${name}`);
    assert.equal((await queue.backend.inspect.stats(name)).ready, 1);
    assert.equal((await queue.backend.inspect.peek(name, 'ready'))?.id, id);
    const jobs = await (await queue.lease(name)).reserve(10);
    assert.deepEqual(
      jobs.map((job) => [job.id, job.pipeline]),
      [[id, name]],
    );
  }
}

export const names: Theme = {
  name: 'names',
  cases: {
    '200 characters': (queue) =>
      areApart(
        queue,
        `${queue.pipeline}-`.padEnd(199, 'x'),
        `${queue.pipeline}-`.padEnd(200, 'x'),
        `${queue.pipeline}-`.padEnd(199, 'x') + 'y',
      ),

    'every allowed character': (queue) =>
      areApart(
        queue,
        `+/;.$_()-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-${queue.pipeline}`,
        ...[...'+/;.$_()'].map((character) => character + queue.pipeline),
        ...[...'+/;.$_()-'].map((character) => queue.pipeline + character),
      ),

    'names that differ by case are two pipelines': (queue) =>
      areApart(queue, `${queue.pipeline}-mail`, `${queue.pipeline}-Mail`, `${queue.pipeline}-MAIL`),

    'a name that begins like another, or that would match it as a pattern, is another': (queue) =>
      areApart(queue, queue.pipeline, `${queue.pipeline}_`, `${queue.pipeline}a`, `${queue.pipeline}a_`),

    'a name made of digits is a name': (queue) =>
      areApart(queue, `${Date.now()}${process.pid}`, `0${Date.now()}${process.pid}`),
  },
};
