import type { BuriedLimit, KeepRule } from '../../../core/contract/ports/history';

/** Of the pipelines whose workers are this process's. */
export interface HistoryLimits {
  readonly buried: Map<string, BuriedLimit>;
  /** How jobs are kept, without rules of their own. */
  readonly kept: Map<string, KeepRule>;
}
