import type { PipelineStats, Seconds } from '../../core/contract/job-data';
import { JobBudget } from '../../core/process/job-budget';
import { sleep } from '../../core/time/sleep';
import { JobTally } from './job-tally';
import type { CheckedWorkerOptions } from './worker-command.options';
import type { JobObserver } from './worker-plan';

const BETWEEN_LOOKS_AT_MEMORY: Seconds = 1;
const BETWEEN_LOOKS_AT_PIPELINES: Seconds = 0.5;
const MIB = 2 ** 20;

/** A queue, to see whether any job is left to do. */
export interface LimitedQueue {
  stats(): Promise<readonly PipelineStats[]>;
}

/** Decides when a worker has done enough. */
export class Limits {
  readonly budget: JobBudget;
  private readonly tally = new JobTally();
  private readonly maxJobs: number | undefined;

  constructor(private readonly options: CheckedWorkerOptions) {
    this.maxJobs = options.once ? 1 : options.maxJobs;
    this.budget = new JobBudget(this.maxJobs);
  }

  /** No observer when no limit counts jobs, because events cost time. */
  get observers(): readonly JobObserver[] {
    const { maxMemory, stopWhenEmpty } = this.options;
    return this.maxJobs !== undefined || maxMemory !== undefined || stopWhenEmpty ? [this.tally] : [];
  }

  /** Resolves with the reason when a limit is reached; stops looking when the signal aborts. */
  async reached(queues: readonly LimitedQueue[], signal: AbortSignal): Promise<string> {
    const { maxTime, maxMemory, stopWhenEmpty, once } = this.options;
    const limits: Promise<string>[] = [];
    if (this.maxJobs !== undefined) limits.push(this.jobsEnded(this.maxJobs));
    if (maxTime !== undefined) limits.push(timeIsOver(maxTime, signal));
    if (maxMemory !== undefined) limits.push(this.memoryUsed(maxMemory, signal));
    if (stopWhenEmpty) limits.push(this.nothingLeft(queues, isEmpty, signal));
    if (once) limits.push(this.nothingLeft(queues, isNothingReady, signal));
    return Promise.race(limits);
  }

  private jobsEnded(most: number): Promise<string> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.tally.ended >= most) resolve(`${this.tally.ended} of ${most} jobs have ended`);
      };
      this.tally.onEnd(look);
      look();
    });
  }

  private async memoryUsed(most: number, signal: AbortSignal): Promise<string> {
    let used = 0;
    let lookedAfter = 0;
    while (used <= most && !signal.aborted) {
      await sleep(BETWEEN_LOOKS_AT_MEMORY, signal);
      if (this.tally.ended === lookedAfter) continue;
      lookedAfter = this.tally.ended;
      used = Math.round(process.memoryUsage.rss() / MIB);
    }
    return `The process has ${used} MiB of memory, more than ${most}`;
  }

  private async nothingLeft(
    queues: readonly LimitedQueue[],
    isLast: (stats: PipelineStats) => boolean,
    signal: AbortSignal,
  ): Promise<string> {
    while (!signal.aborted) {
      await sleep(BETWEEN_LOOKS_AT_PIPELINES, signal);
      if (this.tally.running === 0 && (await everyPipeline(queues, isLast)) && this.tally.running === 0)
        break;
    }
    return 'No job is left';
  }
}

async function timeIsOver(most: Seconds, signal: AbortSignal): Promise<string> {
  const end = performance.now() + most * 1000;
  // One sleep is 24 days at most.
  while (performance.now() < end && !signal.aborted) await sleep((end - performance.now()) / 1000, signal);
  return `${most} s are over`;
}

async function everyPipeline(
  queues: readonly LimitedQueue[],
  isLast: (stats: PipelineStats) => boolean,
): Promise<boolean> {
  try {
    const stats = await Promise.all(queues.map((queue) => queue.stats()));
    return stats.flat().every(isLast);
  } catch {
    // The workers log that a backend does not answer.
    return false;
  }
}

function isEmpty({ ready, reserved }: PipelineStats): boolean {
  return ready + reserved === 0;
}

function isNothingReady({ ready }: PipelineStats): boolean {
  return ready === 0;
}
