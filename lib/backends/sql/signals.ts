/** News of ready jobs from and to other processes. It is only ever a hint: losing one costs time, never a job. */
export interface Signals {
  /** `hint` is called with a pipeline in which jobs may be ready, or with none when it may be any. */
  open(hint: (pipeline?: string) => void): Promise<void>;
  /** Tells other processes that jobs are ready. Never rejects, never waits. */
  announce(pipelines: Iterable<string>): void;
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
