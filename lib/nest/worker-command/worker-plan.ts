import type { Logger } from '@nestjs/common';
import type { JobEvents } from '../../core/policy/job-events';
import type { JobBudget } from '../../core/process/job-budget';
import type { HandlerOptions } from '../options/handler.options';

/** The token of the plan, which only an application made by `runWorker` provides. */
export const WORKER_PLAN = 'JobQueueWorkerPlan';

/** Observes what happens to the jobs of every queue. */
export interface JobObserver {
  /** Called once for each queue, before its workers start. */
  watch(events: JobEvents, logger: Logger): void;
}

/** Which part of the processors' work the workers of this process do. */
export interface WorkerPlan {
  /** Undefined: all pipelines that have a handler. */
  readonly pipelines?: readonly string[];
  /** Goes before the options at the handler's method. */
  readonly overrides?: HandlerOptions;
  readonly budget?: JobBudget;
  readonly observers?: readonly JobObserver[];
}
