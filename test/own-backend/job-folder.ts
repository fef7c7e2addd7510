import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BackendUnavailableError, type JobState, type NewJob } from 'nestjs-simple-job-queue';
import { asOf, comesBefore, type JobRecord, newRecord } from './stored-job';

const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

/**
 * A folder with a file for each job, for one process at a time. The jobs are kept in memory, too; every change is on
 * the disk before it is seen.
 */
export class JobFolder {
  private readonly jobs = new Map<string, JobRecord>();
  private readonly pausedUntil = new Map<string, number>();
  private readonly waiting = new Set<() => void>();
  private age = 0;
  private burials = 0;

  constructor(private readonly path: string) {
    attempt('read the folder', () => {
      mkdirSync(path, { recursive: true });
      for (const name of readdirSync(path)) if (name.endsWith('.json')) this.load(name);
    });
  }

  find(id: string): JobRecord | undefined {
    const job = this.jobs.get(id);
    return job && asOf(job, Date.now());
  }

  /** The pipeline's jobs of that state, in the order in which they leave it. */
  in(state: JobState, pipeline: string): JobRecord[] {
    const now = Date.now();
    return [...this.jobs.values()]
      .filter((job) => job.pipeline === pipeline)
      .map((job) => asOf(job, now))
      .filter((job) => job.state === state)
      .sort(comesBefore(state));
  }

  /** The names of the pipelines that hold jobs. */
  get pipelines(): string[] {
    return [...new Set(Array.from(this.jobs.values(), ({ pipeline }) => pipeline))].sort();
  }

  /** When time alone will make a job of these pipelines ready, in milliseconds since 1970. */
  nextDue(pipelines: readonly string[]): number {
    const now = Date.now();
    const times = [
      ...[...this.jobs.values()].filter((job) => pipelines.includes(job.pipeline)).map(({ due }) => due),
      ...pipelines.map((pipeline) => this.pausedUntil.get(pipeline) ?? 0),
    ];
    return Math.min(...times.filter((time) => time > now));
  }

  add(pipeline: string, job: NewJob): string {
    const record = newRecord((this.age += 1), pipeline, job);
    this.keep(record);
    return record.id;
  }

  /** Writes the job as it is from now on, and wakes those who wait. */
  keep(job: JobRecord): void {
    const file = this.fileOf(job.id);
    attempt('write a job', () => {
      // A crash leaves the old file or the new one, never half of one.
      writeFileSync(`${file}.new`, JSON.stringify(job));
      renameSync(`${file}.new`, file);
    });
    this.jobs.set(job.id, job);
    this.wake();
  }

  remove({ id }: JobRecord): void {
    attempt('remove a job', () => rmSync(this.fileOf(id)));
    this.jobs.delete(id);
  }

  nextBurial(): number {
    return (this.burials += 1);
  }

  /** In milliseconds. A pause ends with the process. */
  pausedFor(pipeline: string): number {
    return Math.max(0, (this.pausedUntil.get(pipeline) ?? 0) - Date.now());
  }

  pause(pipeline: string, milliseconds: number): void {
    this.pausedUntil.set(pipeline, Date.now() + milliseconds);
    this.wake();
  }

  /** Resolves at the next change, at that time or when the signal aborts, whichever comes first. */
  change(until: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(until - Date.now(), LONGEST_TIMER_MILLISECONDS));
      signal.addEventListener('abort', wake);
      this.waiting.add(wake);
    });
  }

  wake(): void {
    for (const wake of [...this.waiting]) wake();
  }

  private load(name: string): void {
    const job = JSON.parse(readFileSync(join(this.path, name), 'utf8')) as JobRecord;
    this.jobs.set(job.id, job);
    this.age = Math.max(this.age, job.age);
    this.burials = Math.max(this.burials, job.burial);
  }

  private fileOf(id: string): string {
    return join(this.path, `${id}.json`);
  }
}

/** A disk may be full now, and not later. */
function attempt(what: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    throw new BackendUnavailableError('files', `it cannot ${what}`, { cause });
  }
}
