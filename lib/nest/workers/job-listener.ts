import type { JobEventListener, JobEventName } from '../../core/policy/job-events';
import { eventJob } from '../../core/reading/event-job';
import { inOwnContext } from '../../core/worker/run/job-context';
import type { JobQueueSettings } from '../options/job-queue.options';
import type { FoundListener } from './job-queue.explorer';

/** The listener for the jobs of its pipelines, in the context in which each of them ran. */
export function jobListener(
  { pipelines, listener }: FoundListener,
  { codec, context, telemetry }: Pick<JobQueueSettings, 'codec' | 'context' | 'telemetry'>,
): JobEventListener<JobEventName> {
  // Each listener gets an object of its own: what it changes in a payload is no other's.
  const told: JobEventListener<JobEventName> = (event) =>
    listener({ ...event, job: eventJob(event.job, codec) });
  const heard: typeof told =
    context || telemetry
      ? (event) => {
          const listen = (): unknown => told(event);
          const restored = context ? () => context.around(event.job, listen) : listen;
          return inOwnContext(telemetry ? () => telemetry.within(event.job, restored) : restored);
        }
      : told;
  return pipelines.size === 0 ? heard : (event) => pipelines.has(event.job.pipeline) && heard(event);
}
