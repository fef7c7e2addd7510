import { checkedOptions } from '../../core/checks/options';
import { messageOf } from '../../core/checks/text';
import type { QueueBackend } from '../../core/contract/backend';
import {
  JobQueueError,
  type JobQueueErrorCode,
  ProcessorMisconfiguredError,
} from '../../core/contract/errors';
import { feature } from '../../core/contract/features';
import type { Seconds } from '../../core/contract/job-data';
import type { Logger } from '../../core/contract/logger';
import type { NewSchedule } from '../../core/contract/ports/schedules';
import type { PayloadCodec } from '../../core/payload/payload-codec';
import { checkedPayload, type StandardSchema } from '../../core/payload/payload-schema';
import { DEFAULT_TTR, jobOf } from '../../core/policy/job-options';
import { checkedTiming } from '../../core/schedule/schedule';
import { setTimeout, clearTimeout } from '../../core/time/timers';
import type { SlotPayload } from '../../core/worker/run/job-runner';
import { HANDLER_SCHEDULE, type HandlerSchedule } from '../options/schedule.options';

/** A schedule that no process has announced for that long has left the code. */
const GONE_AFTER: Seconds = 86_400;
/** How often a process says that its schedules are still there. */
const ANNOUNCED_EVERY: Seconds = 3_600;

/** A handler, and the schedule that stands at it. */
export interface ScheduledHandler {
  readonly pipeline: string;
  readonly schema: StandardSchema | undefined;
  /** As it stands in messages. */
  readonly where: string;
  readonly schedule?: HandlerSchedule | undefined;
  readonly settings: { readonly ttr: Seconds | undefined };
}

/** The function that makes the payload, where the handler's schedule has one. */
export function slotPayloadOf({
  pipeline,
  schedule,
}: Pick<ScheduledHandler, 'pipeline' | 'schedule'>): SlotPayload | undefined {
  const payload = schedule?.payload;
  return typeof payload === 'function' ? { schedule: pipeline, of: payload as SlotPayload['of'] } : undefined;
}

/**
 * The schedules at the handlers of this process's code. Those that it works on are stored at its start, so that the newest
 * start counts; after that it only says, now and then, that they are still there, those of other roles among them, whose
 * processes may be scaled to none for days. What nobody says so of for a day is removed, by a process that has itself said
 * so an hour before: after an outage of two days, all have had the time.
 */
export class CodeSchedules {
  private own: readonly ScheduledHandler[] = [];
  /** Of all roles. */
  private names: readonly string[] = [];
  /** In milliseconds since 1970. */
  private announcedAt = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly backend: QueueBackend,
    private readonly codec: PayloadCodec,
    private readonly logger: Logger,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws ProcessorMisconfiguredError */
  check(handler: ScheduledHandler): void {
    try {
      if (handler.schedule) this.scheduleOf(handler, handler.schedule);
    } catch (error) {
      throw toldAt(handler, error);
    }
  }

  /**
   * Stores those at the handlers that this process works on, and announces all of its code from then on.
   *
   * @throws ProcessorMisconfiguredError for a payload that the pipeline's schema refuses, and on a backend without schedules
   */
  async start(worksOn: readonly ScheduledHandler[], code: readonly ScheduledHandler[]): Promise<void> {
    this.own = worksOn.filter(({ schedule }) => schedule !== undefined);
    this.names = code.filter(({ schedule }) => schedule !== undefined).map(({ pipeline }) => pipeline);
    for (const handler of this.own) await this.set(handler);
    this.announcedAt = this.now();
    const { schedules } = this.backend.features;
    if (schedules === undefined) return;
    const stored = this.own.map(({ pipeline }) => pipeline);
    await schedules.announce(this.names.filter((name) => !stored.includes(name))).catch(this.warn);
    // Without schedules of its own, too: the last one may just have left the code.
    this.announceLater();
  }

  close(): void {
    clearTimeout(this.timer);
    this.closed = true;
  }

  /**
   * Says that the schedules are still there, and removes those of which nobody has for a day. Not the first time after a
   * long silence of its own: the others may have been kept from it, too.
   */
  async announce(): Promise<void> {
    const schedules = feature(this.backend, 'schedules');
    const missing = await schedules.announce(this.names);
    for (const handler of this.own) if (missing.includes(handler.pipeline)) await this.set(handler);
    const wasSilent = this.now() - this.announcedAt > 2 * ANNOUNCED_EVERY * 1000;
    this.announcedAt = this.now();
    if (wasSilent) return;
    const retired = await schedules.retire(GONE_AFTER);
    if (retired.length > 0)
      this.logger.log(`Schedules removed, which no process has announced for a day: ${retired.join(', ')}`);
  }

  private announceLater(): void {
    if (this.closed) return;
    // Not all processes at the same time.
    const pause = ANNOUNCED_EVERY * (0.75 + Math.random() / 2);
    this.timer = setTimeout(() => {
      this.announce()
        .catch(this.warn)
        .finally(() => this.announceLater());
    }, pause * 1000);
    this.timer.unref();
  }

  private readonly warn = (error: unknown): void =>
    this.logger.warn(
      `The schedules at handlers could not be announced, which is tried again in an hour: ${messageOf(error)}`,
    );

  private async set(handler: ScheduledHandler): Promise<void> {
    const { schedule, schema } = handler;
    if (schedule === undefined) return;
    try {
      const made = this.scheduleOf(handler, schedule);
      if (schema && !slotPayloadOf(handler)) await checkedPayload(schema, this.codec.decode(made.payload));
      await feature(this.backend, 'schedules').set(made);
    } catch (error) {
      throw toldAt(handler, error);
    }
  }

  private scheduleOf({ pipeline, settings: { ttr } }: ScheduledHandler, given: HandlerSchedule): NewSchedule {
    const { payload = null, priority, ...timing } = checkedOptions(given, HANDLER_SCHEDULE);
    // What a function makes is not known before the job starts.
    const text = this.codec.encode(typeof payload === 'function' ? null : payload);
    const job = jobOf(text, { ...(priority !== undefined && { priority }) }, ttr ?? DEFAULT_TTR);
    return {
      payload: text,
      priority: job.priority,
      ttr: job.ttr,
      ...checkedTiming(timing),
      name: pipeline,
      pipeline,
      source: 'code',
    };
  }
}

/** What is wrong with a schedule is told beside its method. An outage is none of that. */
function toldAt({ where }: ScheduledHandler, error: unknown): unknown {
  const isMistake = error instanceof JobQueueError && MISTAKES.has(error.code);
  return isMistake ? new ProcessorMisconfiguredError(`${where}: ${error.message}`) : error;
}

const MISTAKES = new Set<JobQueueErrorCode>([
  'INVALID_SCHEDULE',
  'INVALID_JOB_OPTION',
  'INVALID_PAYLOAD',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_BY_BACKEND',
]);
