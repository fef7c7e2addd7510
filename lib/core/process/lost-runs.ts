import type { JobId } from '../contract/job-data';

interface LostRun {
  handlers: number;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/**
 * Handlers that still run although their lease was lost. Their job is ready again and may come back to this very
 * worker, which does not run it beside itself.
 */
export class LostRuns {
  private readonly byId = new Map<JobId, LostRun>();

  begin(id: JobId): void {
    const known = this.byId.get(id);
    if (known) known.handlers++;
    else {
      let end = (): void => undefined;
      const ended = new Promise<void>((resolve) => (end = resolve));
      this.byId.set(id, { handlers: 1, ended, end });
    }
  }

  end(id: JobId): void {
    const run = this.byId.get(id);
    if (!run || --run.handlers > 0) return;
    this.byId.delete(id);
    run.end();
  }

  /** Resolves when none of the job runs any more, or as soon as the signal aborts; `undefined` when none does now. */
  whenEnded(id: JobId, signal: AbortSignal): Promise<void> | undefined {
    const run = this.byId.get(id);
    if (!run || signal.aborted) return undefined;
    return new Promise((resolve) => {
      const end = (): void => {
        signal.removeEventListener('abort', end);
        resolve();
      };
      signal.addEventListener('abort', end, { once: true });
      void run.ended.then(end);
    });
  }
}
