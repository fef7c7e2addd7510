import { setTimeout as sleep } from 'node:timers/promises';
import type { Account, Amount, WorkRequest } from '../agent';
import type { AgentProcess } from '../agent-process';
import { now } from '../clock';

export interface Race extends WorkRequest {
  /** All of them together. */
  readonly jobs: number;
  /** Given up after that many seconds. */
  readonly within: number;
}

const MILLISECONDS_BETWEEN_LOOKS = 20;

/**
 * Lets the workers handle the jobs together, and answers what each has done once all that was handled is also
 * acknowledged.
 */
export async function race(
  workers: readonly AgentProcess[],
  { jobs, within, ...work }: Race,
): Promise<Account[]> {
  await Promise.all(workers.map((worker) => worker.ask('work', work)));
  await handled(workers, { jobs, within });
  return Promise.all(workers.map((worker) => worker.ask('stopWorking')));
}

/** Some jobs of another pipeline for each, so that connections are open and code is compiled. */
export async function warmUp(
  workers: readonly AgentProcess[],
  concurrency: number,
  { jobs, within }: Amount,
  work: Pick<WorkRequest, 'telemetry'> = {},
): Promise<void> {
  for (const [index, worker] of workers.entries()) {
    const pipeline = `warm-up-${index}`;
    await worker.ask('addBulk', pipeline, 1000, { jobs, within: 5 });
    await race([worker], { ...work, pipelines: [pipeline], concurrency, jobs, within });
  }
}

/** Waits until the workers have handled so many jobs together, or the time is over. Answers how many they have. */
export async function handled(workers: readonly AgentProcess[], { jobs, within }: Amount): Promise<number> {
  const deadline = now() + within * 1000;
  for (;;) {
    const count = await handledBy(workers);
    if (count >= jobs || now() >= deadline) return count;
    await sleep(MILLISECONDS_BETWEEN_LOOKS);
  }
}

async function handledBy(workers: readonly AgentProcess[]): Promise<number> {
  const counts = await Promise.all(workers.map((worker) => worker.ask('handledJobs')));
  return counts.reduce((sum, count) => sum + count, 0);
}
