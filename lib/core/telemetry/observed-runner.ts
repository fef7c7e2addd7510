import { JobRunner, type JobRunnerOptions, type Run } from '../worker/run/job-runner';
import type { RunningJob } from '../worker/run/running-job';
import type { Telemetry } from './telemetry';

/** Tells the telemetry of every run. */
class ObservedRunner extends JobRunner {
  constructor(
    options: JobRunnerOptions,
    private readonly backend: string,
    private readonly telemetry: Telemetry,
  ) {
    super(options);
  }

  override run(running: RunningJob): Promise<Run> {
    return this.telemetry.process(running.reserved, this.backend, () => super.run(running));
  }
}

/** Runs jobs, and tells the telemetry if there is one. */
export function jobRunner(
  options: JobRunnerOptions,
  backend: string,
  telemetry: Telemetry | undefined,
): JobRunner {
  return telemetry ? new ObservedRunner(options, backend, telemetry) : new JobRunner(options);
}
