import type { Admin } from '../../core/contract/backend';
import { BackendUnavailableError, shown } from '../../core/contract/errors';
import type { JobId, RestingState, Seconds } from '../../core/contract/job-data';
import { checkedPipelineName } from '../../core/contract/pipeline-name';
import { isId, peekFirst, statsOf } from './beanstalkd-inspector';
import { FOR_EVER, wholeSeconds } from './beanstalkd-job';
import type { BeanstalkdServer } from './beanstalkd-server';

/** The server counts kicked jobs in 32 bits. */
const MOST_KICKED = 0xffff_ffff;

export class BeanstalkdAdmin implements Admin {
  constructor(private readonly server: BeanstalkdServer) {}

  async kick(pipeline: string, limit: number): Promise<number> {
    const connection = await this.server.connection();
    connection.use(pipeline);
    const { value } = await connection.ask('kick', Math.min(limit, MOST_KICKED));
    if (/^\d{1,10}$/.test(value)) return Number(value);
    throw new BackendUnavailableError(
      'beanstalkd',
      `${connection.server} says that it kicked ${shown(value)}. Is that a beanstalkd, and nothing between?`,
    );
  }

  async kickJob(id: JobId): Promise<boolean> {
    return isId(id) && (await (await this.server.connection()).ask('kick_job', id)).done;
  }

  /** The shared connection holds no reservation, so the server finds every job but reserved ones. */
  async discard(id: JobId): Promise<boolean> {
    return isId(id) && (await (await this.server.connection()).ask('destroy', id)).done;
  }

  /** One round trip for each job: beanstalkd shows only the first job of a state. Leaves jobs alone that arrive meanwhile. */
  async clear(pipeline: string, state: RestingState): Promise<number> {
    const connection = await this.server.connection();
    const { [state]: count } = await statsOf(connection, pipeline);
    let cleared = 0;
    let first = await peekFirst(connection, pipeline, state);
    for (let left = count; left > 0 && first.done; left--) {
      const [deleted, next] = await Promise.all([
        connection.ask('destroy', first.value),
        peekFirst(connection, pipeline, state),
      ]);
      if (deleted.done) cleared++;
      first = next;
    }
    return cleared;
  }

  async pause(pipeline: string, duration: Seconds): Promise<void> {
    const connection = await this.server.connection();
    // The server pauses only what exists.
    connection.use(pipeline);
    await connection.ask('pause_tube', pipeline, Math.min(wholeSeconds(duration), FOR_EVER));
  }

  async resume(pipeline: string): Promise<void> {
    await (await this.server.connection()).ask('pause_tube', checkedPipelineName(pipeline), 0);
  }
}
