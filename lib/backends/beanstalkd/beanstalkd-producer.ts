import type { Producer } from '../../core/contract/backend';
import {
  PayloadTooLargeError,
  PutIncompleteError,
  UnsupportedByBackendError,
} from '../../core/contract/errors';
import type { JobId, NewJob } from '../../core/contract/job-data';
import type { BeanstalkdConnection } from './beanstalkd-connection';
import { wholeSeconds } from './beanstalkd-job';
import type { BeanstalkdServer } from './beanstalkd-server';
import { faultOf, type Reply } from './reply';

/** So many jobs of one call are on their way at once; more would only wait in memory. */
const JOBS_AT_ONCE = 1000;

export class BeanstalkdProducer implements Producer {
  constructor(private readonly server: BeanstalkdServer) {}

  async put(pipeline: string, jobs: readonly NewJob[]): Promise<JobId[]> {
    if (jobs.some((job) => job.retry !== undefined)) {
      throw new UnsupportedByBackendError(
        'beanstalkd',
        'keep attempts and backoff with a job',
        'give them to the processor',
      );
    }
    const connection = await this.server.connection();
    // Before anything is sent, so that nothing is stored.
    const tooLarge = jobs.find((job) => bytesOf(job) > this.server.maxJobSize);
    if (tooLarge) throw this.tooLarge(tooLarge, connection);

    const stored: JobId[] = [];
    for (let start = 0; start < jobs.length; start += JOBS_AT_ONCE) {
      const sent = jobs.slice(start, start + JOBS_AT_ONCE);
      const answers = await putTogether(connection, pipeline, sent);
      const broken = answers.find((answer) => answer.status === 'rejected');
      const replies = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
      const refused = replies.findIndex(({ done }) => !done);
      const accepted = refused === -1 ? replies : replies.slice(0, refused);
      stored.push(...accepted.map(({ value }) => value));
      const [job, reply] = [sent[refused], replies[refused]];
      if (broken)
        throw stored.length > 0
          ? new PutIncompleteError(stored, jobs.length, { cause: broken.reason })
          : broken.reason;
      if (!job || !reply) continue;

      await takeBack(connection, replies.slice(refused));
      const cause =
        reply.word === 'JOB_TOO_BIG'
          ? this.tooLarge(job, connection)
          : faultOf(reply, 'put', connection.server);
      throw stored.length > 0 ? new PutIncompleteError(stored, jobs.length, { cause }) : cause;
    }
    return stored;
  }

  private tooLarge(job: NewJob, { server }: BeanstalkdConnection): PayloadTooLargeError {
    const whose = `beanstalkd at ${server} (its option -z)`;
    return new PayloadTooLargeError(bytesOf(job), this.server.maxJobSize, whose);
  }
}

function bytesOf({ payload }: NewJob): number {
  return Buffer.byteLength(payload);
}

function putTogether(
  connection: BeanstalkdConnection,
  pipeline: string,
  jobs: readonly NewJob[],
): Promise<PromiseSettledResult<Reply>[]> {
  connection.use(pipeline);
  // A connection that breaks rejects what is outstanding; what was answered before is stored.
  return Promise.allSettled(
    jobs.map(({ payload, priority, delay, ttr }) =>
      connection.send('put', priority, wholeSeconds(delay), wholeSeconds(ttr), Buffer.from(payload)),
    ),
  );
}

/**
 * What follows a refused job may be stored all the same, and a job that the server had no room to make ready lies
 * buried. Both go, so that a put that failed has left the first jobs and no others, but for what a worker has
 * taken already.
 */
async function takeBack(connection: BeanstalkdConnection, replies: readonly Reply[]): Promise<void> {
  const ids = replies.map(({ value }) => value).filter((id) => id !== '');
  await Promise.all(ids.map((id) => connection.send('destroy', id)));
}
