import { newJob } from '../../lib/core/policy/job-options';
import { sqlBackend } from '../../lib/typeorm';
import { coded } from '../support/coded';
import { newPlace } from './place';
import { prismaFolder } from './prisma';
import { LIBSQL, openPrisma } from './prisma-application';

/** Prisma is installed only now. */
const MOST_MS = 300_000;

it(
  'a transaction of Prisma on libSQL, another copy of SQLite than the queue’s, is refused',
  async () => {
    const place = await newPlace('sqlite');
    const library = openPrisma(await prismaFolder(LIBSQL), LIBSQL, place.application, 1);
    const queue = sqlBackend(place.queue);
    await queue.connect();
    await library.transaction(async (transaction) => {
      await expect(queue.features.transactions.put(transaction, 'orders', [newJob('1')])).rejects.toThrow(
        coded('INVALID_JOB_OPTION', {
          message: expect.stringContaining('of another copy of SQLite (Prisma) than the queue') as string,
        }),
      );
      // Before this copy ends what the other one has open.
      expect(await queue.inspect.pipelines()).toEqual([]);
      await queue.close();
    });
    await library.close();
    await place.remove();
  },
  MOST_MS,
);
