import { mustBe } from '../../../core/contract/errors';
import type { JobId } from '../../../core/contract/job-data';
import { isJobNumber } from '../../../core/contract/job-id';
import {
  type Journal,
  LINE_ID,
  type LogLine,
  type LogPage,
  MOST_LINES,
  type NewLogLine,
  type Progress,
} from '../../../core/contract/ports/journal';
import type { MemoryJob, Said } from '../memory-job';
import type { MemoryStore } from '../memory-store';

const LARGEST_LINE = BigInt(Number.MAX_SAFE_INTEGER);

export class MemoryJournal implements Journal {
  constructor(
    /** Throws when the backend is closed. */
    private readonly store: () => MemoryStore,
  ) {}

  async progress(id: JobId): Promise<Progress | undefined> {
    return this.store().read((store) => saidOf(store, id)?.progress);
  }

  async lines(id: JobId, { after = '0', limit }: LogPage): Promise<LogLine[]> {
    if (!isJobNumber(after, LARGEST_LINE)) throw mustBe('after', LINE_ID, after);
    const lines = await this.store().read((store) => saidOf(store, id)?.lines ?? []);
    return lines.filter((line) => Number(line.id) > Number(after)).slice(0, limit);
  }
}

/** There as long as the job is, or is kept. */
function saidOf(store: MemoryStore, id: JobId): Said | undefined {
  return store.find(id)?.said ?? store.kept.saidOf(id);
}

interface Note {
  readonly attempt: number;
  /** In milliseconds since 1970. */
  readonly now: number;
  readonly progress: string | undefined;
  readonly lines: readonly NewLogLine[] | undefined;
}

export function note(job: MemoryJob, { attempt, now, progress, lines = [] }: Note): void {
  const said = (job.said ??= { progress: undefined, lines: [], logged: 0 });
  if (progress !== undefined) said.progress = { value: progress, at: new Date(now) };
  for (const { text, age } of lines)
    said.lines.push({ id: `${(said.logged += 1)}`, attempt, text, at: new Date(now - age * 1000) });
  said.lines = said.lines.slice(-MOST_LINES);
}
