import type { JobState, PipelineStats } from '../job-data';

/** Jobs of one pipeline by state, counted up to a limit. */
export interface PipelineCounts extends PipelineStats {
  readonly pipeline: string;
  /** The states of which there may be more jobs than were counted; all other numbers are exact. */
  readonly more: readonly JobState[];
}

/**
 * Counts the jobs of many pipelines at once, and looks at no more of them than it has to (SQL and memory): for a page
 * that is shown again and again, whatever the queue holds.
 */
export interface Counting {
  /**
   * The names of pipelines that hold jobs, sorted. All that have ready or buried jobs; of those whose jobs are all delayed
   * or reserved it may leave some out, whose jobs are due last: 1,000 jobs at least are looked at.
   */
  pipelines(): Promise<string[]>;
  /**
   * One result for each of the pipelines, in their order, as `Inspector.stats` has it, but counts up to `limit` jobs of a
   * state. What was not counted to its end is in `more`.
   */
  count(pipelines: readonly string[], limit: number): Promise<PipelineCounts[]>;
}
