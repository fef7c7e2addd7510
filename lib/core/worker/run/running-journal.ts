import { cut, messageOf } from '../../checks/text';
import { InvalidJobOptionError, InvalidPayloadError } from '../../contract/errors';
import { unsupported } from '../../contract/features';
import type { Leased } from '../../contract/job-data';
import type { Leases } from '../../contract/leases';
import type { Logger } from '../../contract/logger';
import { type JournalEntry, LONGEST_LOG_LINE, MOST_LINES, MOST_PROGRESS } from '../../contract/ports/journal';
import { isUnavailable } from '../../process/health';
import type { Clock } from '../../time/clock';
import { clearTimeout, setTimeout } from '../../time/timers';

/** The least time between two writes of what one job says, in milliseconds. */
const PACE_MS = 1000;

interface Line {
  readonly text: string;
  /** In milliseconds of the clock. */
  readonly at: number;
}

/** What one job has said and is not written yet. */
interface Page {
  progress: string | undefined;
  lines: Line[];
  /** Not to be written before, in milliseconds of the clock. */
  due: number;
}

export interface JournalSurroundings {
  readonly backend: { readonly name: string };
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * What the running jobs of one holder say, until it is written: at once what comes first, then at most once a second for
 * each job, all jobs that are due in one call, and what is left before a job is settled. Costs nothing while no job says
 * anything.
 */
export class RunningJournal {
  private readonly pages = new Map<Leased, Page>();
  private timer: NodeJS.Timeout | undefined;
  /** Ends with the last write that was asked for: there is one under way at most. */
  private writes: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly leases: Pick<Leases, 'note'>,
    private readonly encode: (value: unknown) => string,
    /** Called with jobs that turned out to be lost. */
    private readonly lost: (jobs: readonly Leased[]) => void,
    private readonly surroundings: JournalSurroundings,
  ) {}

  /** Whether any job has said anything that may not be written yet. */
  get used(): boolean {
    return this.pages.size > 0;
  }

  progress(job: Leased, value: unknown): void {
    this.refuseWithout();
    const text = this.encodedProgress(value);
    const bytes = Buffer.byteLength(text);
    if (bytes > MOST_PROGRESS) {
      throw new InvalidJobOptionError(
        `progress must have at most ${MOST_PROGRESS} bytes as it is stored, got one of ${bytes}: store the data elsewhere, and say how far the job is`,
      );
    }
    this.page(job).progress = text;
  }

  private encodedProgress(value: unknown): string {
    try {
      return this.encode(value);
    } catch (error) {
      if (!(error instanceof InvalidPayloadError)) throw error;
      const problem = error.problem.replace(/^payload/, 'it');
      throw new InvalidJobOptionError(`progress cannot be stored: ${problem}`);
    }
  }

  log(job: Leased, text: string): void {
    this.refuseWithout();
    const { lines } = this.page(job);
    lines.push({ text: cut(text, LONGEST_LOG_LINE), at: this.now });
    // In an outage, or of a job that says too much: the newest ones stay, as in the store.
    if (lines.length > MOST_LINES) lines.shift();
  }

  /** To be awaited before these jobs are settled. Rejects when the backend does not answer. */
  finish(jobs: readonly Leased[]): Promise<void> {
    return this.inTurn(() => jobs.filter((job) => this.hasMore(job)));
  }

  /** These jobs say no more. */
  forget(jobs: readonly Leased[]): void {
    for (const job of jobs) this.pages.delete(job);
  }

  /** Begins to write what is left, which the leases do before they close. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    void this.finish([...this.pages.keys()]).catch(() => undefined);
  }

  private get now(): number {
    return this.surroundings.clock.now();
  }

  private refuseWithout(): void {
    const { leases, surroundings } = this;
    if (!leases.note) throw unsupported(surroundings.backend.name, 'journal');
  }

  private page(job: Leased): Page {
    let page = this.pages.get(job);
    if (!page) this.pages.set(job, (page = { progress: undefined, lines: [], due: -Infinity }));
    this.schedule(page.due);
    return page;
  }

  private schedule(due: number): void {
    if (this.timer || this.closed) return;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        void this.writeDue();
      },
      Math.max(0, due - this.now),
    );
  }

  private inTurn(which: () => Leased[]): Promise<void> {
    const turn = this.writes.then(() => this.write(which()));
    this.writes = turn.catch(() => undefined);
    return turn;
  }

  private dueNow(): Leased[] {
    const { now } = this;
    return [...this.pages].flatMap(([job, { due }]) => (due <= now && this.hasMore(job) ? [job] : []));
  }

  private async writeDue(): Promise<void> {
    // What is not written now is tried again.
    await this.inTurn(() => this.dueNow()).catch(() => undefined);
    const next = [...this.pages].filter(([job]) => this.hasMore(job)).map(([, page]) => page.due);
    if (next.length > 0) this.schedule(Math.min(...next));
  }

  private hasMore(job: Leased): boolean {
    const page = this.pages.get(job);
    return page !== undefined && (page.progress !== undefined || page.lines.length > 0);
  }

  private async write(jobs: readonly Leased[]): Promise<void> {
    if (jobs.length === 0) return;
    const taken = jobs.map((job) => ({ job, ...this.take(job) }));
    try {
      const lost = (await this.leases.note?.(taken.map((one) => this.entryOf(one)))) ?? [];
      this.forget(lost);
      if (lost.length > 0) this.lost(lost);
    } catch (error) {
      if (isUnavailable(error)) {
        for (const { job, progress, lines } of taken) this.putBack(job, progress, lines);
        throw error;
      }
      // It would be refused again. The job itself has not failed.
      const ids = jobs.map(({ id, pipeline }) => `${pipeline} ${id}`).join(', ');
      this.surroundings.logger.warn(
        `The progress and log lines of these jobs cannot be written, and the jobs go on (${ids}): ${messageOf(error)}`,
      );
    }
  }

  private take(job: Leased): Pick<Page, 'progress' | 'lines'> {
    const page = this.pages.get(job)!;
    const { progress, lines } = page;
    page.progress = undefined;
    page.lines = [];
    page.due = this.now + PACE_MS;
    return { progress, lines };
  }

  /** Unless the job has ended meanwhile. */
  private putBack(job: Leased, progress: string | undefined, lines: readonly Line[]): void {
    const page = this.pages.get(job);
    if (!page) return;
    page.progress ??= progress;
    page.lines = [...lines, ...page.lines].slice(-MOST_LINES);
  }

  private entryOf({
    job,
    progress,
    lines,
  }: { job: Leased } & Pick<Page, 'progress' | 'lines'>): JournalEntry {
    const { now } = this;
    return {
      job,
      ...(progress !== undefined && { progress }),
      ...(lines.length > 0 && { lines: lines.map(({ text, at }) => ({ text, age: (now - at) / 1000 })) }),
    };
  }
}
