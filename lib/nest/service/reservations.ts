import type { QueueBackend } from '../../core/contract/backend';
import { BackendClosedError, ReservationLostError } from '../../core/contract/errors';
import type { Leased, Seconds } from '../../core/contract/job-data';
import type { Settlement } from '../../core/contract/leases';
import { decodedPayload, type PayloadCodec } from '../../core/payload/payload-codec';
import { Job, type Reservation } from '../../core/policy/job';
import { reasonOf } from '../../core/policy/outcome';
import { closeInTime } from '../../core/time/close-in-time';
import { SharedConsumer } from './shared-consumer';

type Outcome = Settlement extends infer S ? (S extends Settlement ? Omit<S, 'job'> : never) : never;

/** The jobs that the application has reserved by hand, outside of any worker. */
export class Reservations {
  /** One for each set of pipelines, made when first asked for. */
  private readonly consumers = new Map<string, Promise<SharedConsumer>>();
  private readonly held = new WeakMap<Job, HeldJob>();
  private closed = false;

  constructor(
    private readonly backend: QueueBackend,
    private readonly codec: PayloadCodec,
  ) {}

  /** A job whose payload cannot be decoded is buried, and the call rejects with `UndecodablePayloadError`. */
  async reserve(pipelines: readonly string[], wait: Seconds): Promise<Job | undefined> {
    const consumer = await this.consumerOf(pipelines);
    const reserved = await consumer.reserve(wait);
    if (!reserved) return undefined;
    const holding = new HeldJob(reserved, consumer);
    const job = new Job(reserved, await this.decoded(holding), holding);
    this.held.set(job, holding);
    return job;
  }

  /** Rejects with `ReservationLostError` when the job is not, or no longer, reserved by hand. */
  async settle(job: Job, outcome: Outcome): Promise<void> {
    const holding = this.held.get(job);
    if (!holding) throw new ReservationLostError(job.id);
    await holding.settle(outcome);
    this.held.delete(job);
  }

  /** What is still held becomes ready again, without counting an attempt; who waits for a job gets none. */
  async close(): Promise<void> {
    this.closed = true;
    const opened = await Promise.allSettled(this.consumers.values());
    this.consumers.clear();
    const consumers = opened.flatMap((made) => (made.status === 'fulfilled' ? [made.value] : []));
    await Promise.all(
      consumers.map((consumer) => closeInTime(consumer, this.backend.name, 'reservations by hand')),
    );
  }

  private consumerOf(pipelines: readonly string[]): Promise<SharedConsumer> {
    if (this.closed) throw new BackendClosedError(this.backend.name);
    const names = [...new Set(pipelines)].sort();
    const key = names.join(' ');
    const known = this.consumers.get(key);
    if (known) return known;
    const made = this.backend.lease(names).then((consumer) => new SharedConsumer(consumer));
    this.consumers.set(key, made);
    made.catch(() => this.consumers.delete(key));
    return made;
  }

  private async decoded(holding: HeldJob): Promise<unknown> {
    try {
      return decodedPayload(holding.reserved, this.codec);
    } catch (error) {
      await holding.settle({ outcome: 'bury', reason: reasonOf(error) });
      throw error;
    }
  }
}

class HeldJob implements Reservation {
  private readonly controller = new AbortController();

  constructor(
    readonly reserved: Leased,
    private readonly consumer: SharedConsumer,
  ) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  async touch(): Promise<void> {
    if (!(await this.consumer.touch(this.reserved))) this.lost();
  }

  async settle(outcome: Outcome): Promise<void> {
    if (!(await this.consumer.settle({ job: this.reserved, ...outcome }))) this.lost();
  }

  private lost(): never {
    const error = new ReservationLostError(this.reserved.id);
    this.controller.abort(error);
    throw error;
  }
}
