/**
 * How a process hears of jobs that other processes made ready; the sending half is `SqlDialect.announce`. It is only
 * ever a hint: losing one costs time, never a job.
 */
export interface WakeUp {
  /** Whether word arrives by itself now, so that asking may be rare. */
  readonly arriving: boolean;
  /**
   * Begins to hear. `woken` gets the pipeline, or none when it may be any, and anything else may have happened;
   * `cancelled` is called when a job was cancelled. Never rejects.
   */
  open(woken: (pipeline?: string) => void, cancelled?: () => void): Promise<void>;
  close(): Promise<void>;
}

/** For a database that tells nothing: the poller asks. */
export class PollWakeUp implements WakeUp {
  readonly arriving = false;

  open(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
