import type {
  JobChange,
  JobState,
  Leased,
  NewJob,
  PipelineStats,
  RestingState,
  Seconds,
} from '../../core/contract/job-data';
import type { BuriedLimit } from '../../core/contract/ports/history';
import type { Clock } from './clock';
import { JobList } from './job-list';
import type { MemoryJob } from './memory-job';

/** How much longer than its ttr the lease of a run that is alone lasts. */
const LONE_GRACE: Seconds = 20;

/** The jobs of one pipeline by state, and beanstalkd's moves from one state to another. */
export class MemoryPipeline {
  private readonly lists: Readonly<Record<JobState, JobList>> = {
    ready: new JobList((job) => job.priority),
    delayed: new JobList((job) => job.due),
    reserved: new JobList((job) => job.due),
    buried: new JobList((job) => job.burial),
  };
  buriedLimit: BuriedLimit = {};
  private burials = 0;
  private pausedUntil = 0;

  constructor(private readonly clock: Clock) {}

  get isEmpty(): boolean {
    return Object.values(this.lists).every((list) => list.length === 0);
  }

  /** The job that would be reserved next; none while the pipeline is paused. */
  get next(): MemoryJob | undefined {
    return this.clock.now() < this.pausedUntil ? undefined : this.lists.ready.first;
  }

  /** When time alone next makes a job ready, in milliseconds since 1970. */
  get nextDue(): number {
    const { delayed, reserved } = this.lists;
    const pauseEnd = this.clock.now() < this.pausedUntil ? this.pausedUntil : Infinity;
    return Math.min(delayed.first?.due ?? Infinity, reserved.first?.due ?? Infinity, pauseEnd);
  }

  /** Makes ready what has become due. Nothing happens by itself, so this runs before every read and every move. */
  advance(): void {
    const now = this.clock.now();
    const { delayed, reserved } = this.lists;
    for (let job = delayed.first; job && job.due <= now; job = delayed.first) this.move(job, 'ready');
    for (let job = reserved.first; job && job.due <= now; job = reserved.first) {
      job.timeouts += 1;
      job.lostAlone ||= job.alone;
      this.giveBack(job);
    }
  }

  /** Buried jobs that are to go. */
  get outOfLimit(): MemoryJob[] {
    const { for: time = Infinity, most = Infinity } = this.buriedLimit;
    const before = this.clock.now() - time * 1000;
    const { buried } = this.lists;
    return buried
      .slice(0, buried.length)
      .filter(({ buriedAt }, place) => buriedAt <= before || buried.length - place > most);
  }

  add(job: MemoryJob, delay: Seconds): void {
    if (delay > 0) {
      job.due = this.after(delay);
      job.state = 'delayed';
    }
    this.lists[job.state].insert(job);
  }

  /** A job that waits becomes the new one. */
  replace(job: MemoryJob, newJob: NewJob, delay: Seconds): void {
    this.remove(job);
    job.become(newJob);
    this.add(job, delay);
  }

  reserve(job: MemoryJob): Leased {
    this.lists.ready.remove(job);
    job.due = this.after(job.ttr);
    job.state = 'reserved';
    this.lists.reserved.insert(job);
    job.lease = job.reserved();
    return job.lease;
  }

  touch(job: MemoryJob): void {
    this.lists.reserved.remove(job);
    job.due = this.after(job.ttr + (job.alone ? LONE_GRACE : 0));
    this.lists.reserved.insert(job);
  }

  release(job: MemoryJob, delay: Seconds, priority: number): void {
    this.remove(job);
    this.endRun(job);
    job.priority = priority;
    job.state = 'ready';
    this.add(job, delay);
  }

  bury(job: MemoryJob, reason: string | undefined, priority: number): void {
    // First: its place in a list goes by what is changed.
    this.remove(job);
    this.endRun(job);
    job.priority = priority;
    job.reason = reason;
    job.burial = this.burials += 1;
    job.buriedAt = this.clock.now();
    job.state = 'buried';
    this.lists.buried.insert(job);
  }

  /** Of a job that no worker holds. */
  change(job: MemoryJob, { payload, priority, delay }: JobChange): void {
    this.remove(job);
    if (payload !== undefined) job.payload = payload;
    if (priority !== undefined) job.priority = priority;
    if (delay !== undefined) job.state = 'ready';
    this.add(job, delay ?? 0);
  }

  /** Ends a reservation without counting an attempt. */
  giveBack(job: MemoryJob): void {
    job.lease = undefined;
    job.alone = false;
    this.move(job, 'ready');
  }

  /** Buried jobs, the oldest burial first; delayed ones only when none is buried. */
  kickable(limit: number): MemoryJob[] {
    const kickable = this.lists.buried.first ? this.lists.buried : this.lists.delayed;
    return kickable.slice(0, limit);
  }

  /** A kick to a new start. */
  restart(job: MemoryJob): void {
    this.kick(job);
    job.attempts = 0;
    job.timeouts = 0;
    job.kicks = 0;
    job.failures = [];
  }

  kick(job: MemoryJob): void {
    job.kicks += 1;
    job.lostAlone = false;
    job.reason = undefined;
    this.move(job, 'ready');
  }

  /** The run of the job's lease starts, alone in its process. */
  beginAlone(job: MemoryJob): void {
    job.alone = true;
    job.lostAlone = false;
    this.touch(job);
  }

  remove(job: MemoryJob): void {
    this.lists[job.state].remove(job);
  }

  peek(state: RestingState): MemoryJob | undefined {
    return this.lists[state].first;
  }

  list(state: JobState, offset: number, limit: number): MemoryJob[] {
    return this.lists[state].slice(offset, offset + limit);
  }

  pause(duration: Seconds): void {
    this.pausedUntil = this.after(duration);
  }

  resume(): void {
    this.pausedUntil = 0;
  }

  stats(): PipelineStats {
    return {
      ready: this.lists.ready.length,
      delayed: this.lists.delayed.length,
      reserved: this.lists.reserved.length,
      buried: this.lists.buried.length,
      pausedFor: Math.max(0, this.pausedUntil - this.clock.now()) / 1000,
    };
  }

  private endRun(job: MemoryJob): void {
    job.lease = undefined;
    job.alone = false;
    job.lostAlone = false;
  }

  private after(seconds: Seconds): number {
    return this.clock.now() + seconds * 1000;
  }

  private move(job: MemoryJob, state: JobState): void {
    this.lists[job.state].remove(job);
    job.state = state;
    this.lists[state].insert(job);
  }
}
