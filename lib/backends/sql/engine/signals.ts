import type { News, PipelineNews } from './news';
import type { Ride } from './ride';

/** News of ready jobs from and to other processes. It is only ever a hint: losing one costs time, never a job. */
export interface Signals {
  open(hint: (news?: News) => void): Promise<void>;
  /** Tells other processes that jobs are ready. Never rejects, never waits. */
  announce(news: PipelineNews): void;
  /** How the next put is to tell them itself, with its own commit, instead of an announcement; undefined: it is not. */
  ride?(): Ride | undefined;
  close(): Promise<void>;
  /** Whether news arrives by itself now, so that looking for it may be rare. */
  readonly arriving: boolean;
}

/** For databases without news: workers look by themselves. */
export const noSignals: Signals = {
  open: () => Promise.resolve(),
  announce: () => {},
  close: () => Promise.resolve(),
  arriving: false,
};
