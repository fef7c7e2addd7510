import type { ClaimOrder } from './dialect';
import type { Ride } from './ride';

/** Jobs became ready: in that pipeline, or in any; from that place in the order of claims on, or anywhere. */
export interface News {
  readonly pipeline?: string;
  readonly first?: ClaimOrder;
}

export type PipelineNews = News & { readonly pipeline: string };

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
