import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { openBackend } from '../../lib/backends/open-backend';
import { newJob } from '../../lib/core/policy/job-options';
import type { PutResult, QueueBackend } from '../../lib/index';
import { typeOrmBackend } from '../../lib/typeorm';
import type { Account, Task } from './unique-crowd';

/*
 * One of the processes that all put the same keys, key after key, each several times at once. It begins when it is told
 * what to do, and tells what came of it.
 */

async function account(task: Task): Promise<Account> {
  if (!task.transactions) {
    const backend = await openBackend(task.url);
    return put(task, backend, (key) => backend.put(task.pipeline, [job(key)]));
  }
  const dataSource = await new DataSource(task.transactions).initialize();
  const backend = typeOrmBackend({ dataSource });
  let begun = 0;
  const within = async (key: string): Promise<readonly PutResult[]> => {
    const rollsBack = (begun += 1) % 2 === 0;
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      const results = await backend.features.transactions.put(runner, task.pipeline, [job(key)]);
      // As long as somebody else needs to come and wait.
      await sleep(Math.random() * 3);
      if (rollsBack) await runner.rollbackTransaction();
      else await runner.commitTransaction();
      return rollsBack ? [] : results;
    } catch (error) {
      await runner.rollbackTransaction();
      throw error;
    } finally {
      await runner.release();
    }
  };
  try {
    return await put(task, backend, within);
  } finally {
    await dataSource.destroy();
  }
}

async function put(
  { keys, times, atOnce }: Task,
  backend: QueueBackend,
  one: (key: string) => Promise<readonly PutResult[]>,
): Promise<Account> {
  await backend.connect();
  const told: Account = { ids: {}, added: {}, errors: [] };
  const add = async (key: string) => {
    try {
      for (const { id, existed } of await one(key)) {
        (told.ids[key] ??= []).push(id);
        if (!existed) told.added[key] = (told.added[key] ?? 0) + 1;
      }
    } catch (error) {
      told.errors.push(String(error));
    }
  };
  for (let key = 0; key < keys; key += 1)
    for (let begun = 0; begun < times; begun += atOnce)
      await Promise.all(Array.from({ length: Math.min(atOnce, times - begun) }, () => add(`key ${key}`)));
  await backend.close();
  return told;
}

function job(key: string) {
  return newJob('1', { unique: key });
}

process.once('message', (task: Task) => {
  void account(task).then((told) => process.send?.(told, () => process.disconnect()));
});
process.send?.('ready');
