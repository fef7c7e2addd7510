import type { Nature } from './history';

/** The payload of a job of the soak. */
export interface Task {
  /** Tells the jobs apart. */
  readonly task: number;
  readonly nature: Nature;
  /** Seconds that its handler takes. */
  readonly takes: number;
}
