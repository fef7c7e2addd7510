import assert from 'node:assert/strict';
import type { NewJob, PutResult, UniqueKey } from '../../core/contract/job-data';
import type { QueueUnderTest } from './queue-under-test';

type Unique = Partial<UniqueKey> & Pick<UniqueKey, 'key'>;

export function job(payload: string, unique: Unique, rest: Partial<NewJob> = {}): NewJob {
  const key: UniqueKey = { onConflict: 'keep', until: 'done', ...unique };
  return { payload, priority: 1024, delay: 0, ttr: 60, ...rest, unique: key };
}

export async function put(queue: QueueUnderTest, ...jobs: readonly NewJob[]): Promise<readonly PutResult[]> {
  return queue.backend.put(queue.pipeline, jobs);
}

export async function putOne(queue: QueueUnderTest, one: NewJob): Promise<PutResult> {
  const [result, another] = await put(queue, one);
  assert.ok(result && !another, 'a put returns one result for each job');
  return result;
}

/** Puts a job that is to be added, and returns its id. */
export async function added(queue: QueueUnderTest, one: NewJob): Promise<string> {
  const { id, existed } = await putOne(queue, one);
  assert.equal(existed, false, `${one.unique?.key} was not added: a job is said to have the key`);
  return id;
}

/** Puts a job whose key is to be held by that one. */
export async function existed(queue: QueueUnderTest, id: string, one: NewJob): Promise<void> {
  assert.deepEqual(await putOne(queue, one), { id, existed: true });
}

export async function payloads(queue: QueueUnderTest): Promise<string[]> {
  const jobs = await (await queue.lease()).reserve(100);
  return jobs.map(({ payload }) => payload);
}
