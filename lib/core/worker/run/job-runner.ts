import type { TravellingContext } from '../../context/job-context';
import { HandlerTimeoutError } from '../../contract/errors';
import type { Leased, Seconds } from '../../contract/job-data';
import type { Keep } from '../../contract/ports/history';
import { decodedPayload, type PayloadCodec } from '../../payload/payload-codec';
import { checkedPayload, type StandardSchema } from '../../payload/payload-schema';
import type { Handler } from '../../policy/job';
import { BuryJob, type Outcome, reasonOf } from '../../policy/outcome';
import { type RetryOptions, type RetryPolicy, retryPolicy } from '../../policy/retry-policy';
import { slotOf } from '../../schedule/slot-headers';
import { type Clock, steadyClock } from '../../time/clock';
import { MAX_TIMEOUT } from '../../time/sleep';
import { clearTimeout, setTimeout } from '../../time/timers';
import { inOwnContext } from './job-context';
import type { RunKeeping } from './run-keeping';
import type { RunningJob } from './running-job';

export interface JobRunnerOptions {
  readonly handler: Handler;
  readonly codec: PayloadCodec;
  /** What payloads have to be like; the handler gets what it makes of them. */
  readonly schema?: StandardSchema | undefined;
  readonly retry: RetryOptions;
  /** How many reservations of a job may run out between two kicks before it is buried, at least 1. */
  readonly maxLost: number;
  /** Seconds after which the handler's signal is aborted and the attempt has failed; 0 is never. */
  readonly timeout: Seconds;
  /** Makes the payload of the jobs that this schedule has added, in the place of the stored one. */
  readonly slotPayload?: SlotPayload | undefined;
  /** Restored around the handler. */
  readonly context?: TravellingContext | undefined;
  /** Let the handler write in a transaction that also deletes the job; default false. */
  readonly transaction?: boolean;
  /** Of backends that keep jobs. */
  readonly keeping?: RunKeeping | undefined;
  readonly clock?: Clock;
}

/** A payload that depends on the slot. */
export interface SlotPayload {
  readonly schedule: string;
  readonly of: (slot: Date) => unknown;
}

export interface Run {
  readonly outcome: Outcome;
  /** What the handler threw. */
  readonly error?: unknown;
  /** How long the handler ran; absent when it did not start. */
  readonly ran?: Seconds;
  /** The job is deleted already, with what its handler wrote. */
  readonly settled?: true;
}

/** One job from the handler's call to what becomes of it. Never rejects. */
export class JobRunner {
  private readonly policy: RetryPolicy;

  constructor(private readonly options: JobRunnerOptions) {
    this.policy = retryPolicy(options.retry);
  }

  async run(running: RunningJob): Promise<Run> {
    const { reserved } = running;
    if (running.condemned) {
      return {
        outcome: { outcome: 'bury', reason: this.lostReason(reserved.timeouts) },
      };
    }
    let payload: unknown;
    try {
      const { codec, schema } = this.options;
      payload = this.payloadOfSlot(reserved) ?? decodedPayload(reserved, codec);
      if (schema) payload = await this.withinTime(running, () => checkedPayload(schema, payload));
    } catch (error) {
      // A schema that takes too long is a failed attempt, and so is a function; else to try again would not help.
      if (error instanceof HandlerTimeoutError || this.slotOf(reserved)) return this.failed(running, error);
      return { outcome: { outcome: 'bury', reason: reasonOf(error) }, error };
    }
    try {
      if (this.options.transaction) return await this.runWithin(running, payload);
      const result = await this.handled(running, payload);
      const ran = this.ran(running);
      if (result === false)
        return { outcome: { outcome: 'bury', reason: 'the handler answered false', ran }, ran };
      const keep = this.keepOf(running, result, ran);
      return { outcome: keep ? { outcome: 'delete', keep } : { outcome: 'delete' }, ran };
    } catch (error) {
      return this.failed(running, error);
    }
  }

  /** As it is stored. */
  encoded(value: unknown): string {
    return this.options.codec.encode(value);
  }

  private slotOf(reserved: Leased): Date | undefined {
    const { slotPayload } = this.options;
    if (!slotPayload || reserved.headers === undefined) return undefined;
    const added = slotOf(reserved);
    return added?.schedule === slotPayload.schedule ? added.slot : undefined;
  }

  /** As it would come out of the store. */
  private payloadOfSlot(reserved: Leased): unknown {
    const slot = this.slotOf(reserved);
    if (!slot) return undefined;
    const { codec, slotPayload } = this.options;
    return codec.decode(codec.encode(slotPayload?.of(slot)));
  }

  private failed(running: RunningJob, error: unknown): Run {
    const { reserved } = running;
    const outcome = this.policyOf(reserved)(error, reserved.attempt);
    const ran = this.ran(running);
    return { outcome: outcome.outcome === 'delete' ? outcome : { ...outcome, ran }, error, ran };
  }

  private keepOf({ reserved }: RunningJob, result: unknown, ran: Seconds): Keep | undefined {
    const { keeping } = this.options;
    const rule = keeping?.ruleOf(reserved);
    return rule && keeping?.keepBy(rule, reserved, result, ran);
  }

  private ran({ startedAt }: RunningJob): Seconds {
    const { clock = steadyClock } = this.options;
    return (clock.now() - startedAt) / 1000;
  }

  /** Nothing but a deletion commits what the handler wrote. */
  private async runWithin(running: RunningJob, payload: unknown): Promise<Run> {
    let keep: Keep | undefined;
    let ran = 0;
    await running.transact(async (transaction) => {
      const result = await this.handled(running, payload, transaction);
      if (result === false) throw new BuryJob('the handler answered false');
      ran = this.ran(running);
      keep = this.keepOf(running, result, ran);
      return keep;
    });
    return { outcome: { outcome: 'delete', ...(keep && { keep }) }, ran, settled: true };
  }

  /** Whether the job was lost so often that its next lost lease may be its last. It may kill its process. */
  isPoison(job: Leased): boolean {
    return job.timeouts > 0 && job.timeouts + 1 >= this.mostLost(job);
  }

  /** Whether it has lost as many leases as it may: then it is buried, if its last run was alone. */
  isLostTooOften(job: Leased): boolean {
    return job.timeouts >= this.mostLost(job);
  }

  /** With `maxLost: 1` the first lost lease is the last one, wherever it was lost. */
  get asksForEvidence(): boolean {
    return this.options.maxLost > 1;
  }

  // Every kick grants the job as many lost workers again: a counter that beanstalkd cannot reset serves all backends.
  private mostLost(job: Leased): number {
    return this.options.maxLost * (job.kicks + 1);
  }

  private lostReason(times: number): string {
    return this.options.transaction
      ? `its worker was lost, or its transaction failed at its end, ${times} times`
      : `its worker was lost ${times} times while it ran`;
  }

  /** That of the job itself, where it has one. Looked up only when a handler has failed. */
  private policyOf({ retry }: Leased): RetryPolicy {
    if (retry === undefined) return this.policy;
    try {
      return retryPolicy({ ...this.options.retry, ...(JSON.parse(retry) as RetryOptions) });
    } catch {
      // Another program wrote nonsense into the table: the job is treated as one without a policy of its own.
      return this.policy;
    }
  }

  private handled(running: RunningJob, payload: unknown, transaction?: object): unknown {
    const job = running.handledAs(payload, transaction);
    const { handler, context } = this.options;
    const handle = (): unknown => handler(job);
    return this.withinTime(running, () =>
      inOwnContext(context ? () => context.around(running.reserved, handle) : handle),
    );
  }

  private withinTime(running: RunningJob, work: () => unknown): unknown {
    const { timeout } = this.options;
    if (timeout === 0) return work();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          const error = new HandlerTimeoutError(timeout);
          running.abort(error);
          reject(error);
        },
        Math.min(timeout * 1000, MAX_TIMEOUT),
      );
      Promise.resolve()
        .then(work)
        .finally(() => clearTimeout(timer))
        .then(resolve, reject);
    });
  }
}
