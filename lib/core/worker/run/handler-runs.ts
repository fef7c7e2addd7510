import { LostRuns } from '../../process/lost-runs';
import type { WorkerSurroundings } from '../worker-options';
import type { JobRunner, Run } from './job-runner';
import type { RunningJob } from './running-job';

/** What came of a run: nothing when it did not start or failed by a fault of ours, and then its job goes back. */
interface RunEnd {
  readonly run?: Run;
  /** How long the handler took, in milliseconds. */
  readonly duration?: number;
}

/** Runs handlers from the moment at which they may start to their ends. */
export class HandlerRuns {
  private readonly lostRuns = new LostRuns();

  constructor(
    private readonly runner: JobRunner,
    private readonly context: WorkerSurroundings,
  ) {}

  /** The lease is lost while the handler may go on. */
  lost(running: RunningJob): void {
    if (running.started) this.lostRuns.begin(running.reserved.id);
  }

  /** Never rejects. */
  async run(running: RunningJob, mayStart: () => boolean, stopping: AbortSignal): Promise<RunEnd> {
    const { reserved } = running;
    const { budget, reporter, clock } = this.context;
    // A handler whose lease was lost may still run: the job is not run beside itself.
    const earlier = this.lostRuns.whenEnded(reserved.id, stopping);
    if (earlier) {
      await earlier;
      // It may have waited long, and nobody may know yet that it was lost meanwhile.
      const ours =
        mayStart() &&
        !running.lost &&
        (await running.touch().then(
          () => true,
          () => false,
        ));
      if (!ours || !mayStart()) return {};
    }
    budget.take();
    const startedAt = clock.now();
    try {
      running.started = true;
      running.startedAt = startedAt;
      reporter.started(reserved);
      return { run: await this.runner.run(running), duration: clock.now() - startedAt };
    } catch (error) {
      reporter.failedToRun(running, error);
      return {};
    } finally {
      if (running.lost) this.lostRuns.end(reserved.id);
    }
  }
}
