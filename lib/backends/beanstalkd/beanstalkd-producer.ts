import {
  PayloadTooLargeError,
  PutIncompleteError,
  UnsupportedByBackendError,
} from '../../core/contract/errors';
import { unsupported } from '../../core/contract/features';
import type { JobId, NewJob } from '../../core/contract/job-data';
import { wholeSeconds } from './beanstalkd-job';
import type { BeanstalkdServer } from './beanstalkd-server';
import type { BeanstalkdConnection } from './connection/beanstalkd-connection';
import { faultOf, type Reply } from './connection/reply';
import { Turnstile } from './connection/turnstile';

/** How many jobs to send before the replies to them have come. */
const JOBS_AT_ONCE = 1000;

export class BeanstalkdProducer {
  private readonly turnstile = new Turnstile(JOBS_AT_ONCE);

  constructor(private readonly server: BeanstalkdServer) {}

  async put(pipeline: string, jobs: readonly NewJob[]): Promise<JobId[]> {
    if (jobs.some((job) => job.retry !== undefined)) {
      throw new UnsupportedByBackendError(
        'beanstalkd',
        'keep attempts and backoff with a job',
        'give them to the processor',
      );
    }
    if (jobs.some((job) => job.headers !== undefined)) throw unsupported('beanstalkd', 'headers');
    if (jobs.some((job) => job.unique !== undefined)) throw unsupported('beanstalkd', 'uniqueKeys');
    const stored: JobId[] = [];
    for (let start = 0; start < jobs.length; start += JOBS_AT_ONCE) {
      const some = jobs.slice(start, start + JOBS_AT_ONCE);
      const turn = this.turnstile.enter(some.length);
      if (turn) await turn;
      try {
        // The first time nothing has been sent yet, so nothing is stored.
        if (start === 0) await this.refuseTooLarge(jobs);
        await this.putSome(pipeline, some, stored);
      } catch (cause) {
        throw stored.length > 0 ? new PutIncompleteError(stored, jobs.length, { cause }) : cause;
      } finally {
        this.turnstile.leave(some.length);
      }
    }
    return stored;
  }

  private async refuseTooLarge(jobs: readonly NewJob[]): Promise<void> {
    // The limit is known once it has connected.
    const connection = await this.server.connection();
    const tooLarge = jobs.find((job) => bytesOf(job) > this.server.maxJobSize);
    if (tooLarge) throw this.tooLarge(tooLarge, connection);
  }

  /** Adds the ids of the stored jobs to `stored`, even when it rejects. */
  private async putSome(pipeline: string, jobs: readonly NewJob[], stored: JobId[]): Promise<void> {
    const connection = await this.server.connection();
    const answers = await putTogether(connection, pipeline, jobs);
    const broken = answers.find((answer) => answer.status === 'rejected');
    const replies = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const refused = replies.findIndex(({ done }) => !done);
    const accepted = refused === -1 ? replies : replies.slice(0, refused);
    for (const { value } of accepted) stored.push(value);
    if (broken) throw broken.reason;
    const [job, reply] = [jobs[refused], replies[refused]];
    if (!job || !reply) return;
    await takeBack(connection, replies.slice(refused));
    throw reply.word === 'JOB_TOO_BIG'
      ? this.tooLarge(job, connection)
      : faultOf(reply, 'put', connection.server);
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
 * Jobs behind a refused one may be stored all the same, and a job that the server had no room to make ready is buried.
 * Deletes both, so that a failed put leaves the first jobs and no others, except what a worker has taken already.
 */
async function takeBack(connection: BeanstalkdConnection, replies: readonly Reply[]): Promise<void> {
  const ids = replies.map(({ value }) => value).filter((id) => id !== '');
  await Promise.all(ids.map((id) => connection.send('destroy', id)));
}
