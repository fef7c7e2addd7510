import type { QueueBackend } from '../../../core/contract/backend';
import type { PipelineStats, Seconds } from '../../../core/contract/job-data';

/** What one look at a pipeline has found. */
export interface PipelineFigures extends PipelineStats {
  readonly pipeline: string;
}

/** How a pipeline has changed between two looks, per second. */
export interface PipelineRates {
  /** Jobs that wait, ready ones and delayed ones: what came minus what was taken. */
  readonly waiting: number;
  readonly buried: number;
}

const AT_ONCE = 8;

/** The figures of these pipelines; without a name, of all that hold jobs. */
export async function figuresOf(queue: QueueBackend, names: readonly string[]): Promise<PipelineFigures[]> {
  const pipelines = names.length > 0 ? names : await queue.inspect.pipelines();
  const figures: PipelineFigures[] = [];
  for (let start = 0; start < pipelines.length; start += AT_ONCE) {
    const some = pipelines.slice(start, start + AT_ONCE);
    const found = await Promise.all(some.map((pipeline) => queue.inspect.stats(pipeline)));
    figures.push(...found.map((stats, index) => ({ pipeline: some[index]!, ...stats })));
  }
  return figures;
}

export function ratesOf(now: PipelineFigures, before: PipelineFigures, seconds: Seconds): PipelineRates {
  const perSecond = (change: number) => change / seconds;
  return {
    waiting: perSecond(now.ready + now.delayed - before.ready - before.delayed),
    buried: perSecond(now.buried - before.buried),
  };
}

/** JSON has no Infinity. */
export function figuresValue({ pausedFor, ...figures }: PipelineFigures): object {
  return { ...figures, pausedFor: pausedFor === Infinity ? 'until resumed' : pausedFor };
}
