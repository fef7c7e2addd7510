import assert from 'node:assert/strict';
import {
  canGiveBack,
  type Consumer,
  type ExchangeAnswer,
  type ExchangeRequest,
  type Settlement,
} from '../../core/contract/backend';
import type { ReservedJob, Seconds } from '../../core/contract/job-data';

/** A case that fails leaves its waits behind, and what becomes of them is nobody's business any more. */
function abandonable<T>(wait: Promise<T>): Promise<T> {
  wait.catch(() => undefined);
  return wait;
}

/** A consumer with a word for each thing that the cases do with it. */
export class TestConsumer {
  constructor(private readonly consumer: Consumer) {}

  /** What is not asked for is nothing, and nobody aborts. */
  exchange(request: Partial<ExchangeRequest>): Promise<ExchangeAnswer> {
    const { signal } = new AbortController();
    return abandonable(this.consumer.exchange({ settle: [], reserve: 0, wait: 0, signal, ...request }));
  }

  reserve(limit: number, wait: Seconds = 0): Promise<ReservedJob[]> {
    return abandonable(this.exchange({ reserve: limit, wait }).then(({ reserved }) => reserved));
  }

  reserveOne(wait: Seconds = 0): Promise<ReservedJob> {
    return abandonable(
      this.reserve(1, wait).then(([job]) => {
        assert.ok(job, `no job came within ${wait} s`);
        return job;
      }),
    );
  }

  /** Answers the jobs that were lost. */
  async settle(...settle: readonly Settlement[]): Promise<ReservedJob[]> {
    return (await this.exchange({ settle })).lost;
  }

  delete(job: ReservedJob): Promise<ReservedJob[]> {
    return this.settle({ job, outcome: 'delete' });
  }

  release(job: ReservedJob, delay: Seconds = 0): Promise<ReservedJob[]> {
    return this.settle({ job, outcome: 'release', delay });
  }

  bury(job: ReservedJob): Promise<ReservedJob[]> {
    return this.settle({ job, outcome: 'bury' });
  }

  touch(...jobs: readonly ReservedJob[]): Promise<ReservedJob[]> {
    return this.consumer.touch(jobs);
  }

  /** False when the consumer gives jobs back only by closing. */
  async giveBack(...jobs: readonly ReservedJob[]): Promise<boolean> {
    if (!canGiveBack(this.consumer)) return false;
    await this.consumer.giveBack(jobs);
    return true;
  }

  close(): Promise<void> {
    return this.consumer.close();
  }
}
