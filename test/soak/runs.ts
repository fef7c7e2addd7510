import type { Entry, Nature } from './history';

type End = 'completed' | 'retried' | 'buried' | 'lost';

/** One run of a job in one process, from its `started` event on. */
export interface Run {
  readonly task: number;
  readonly pid: number;
  readonly startedAt: number;
  /** The name of the handler's run; undefined when none was called. */
  name?: string;
  /** When its handler ended; undefined when its process died before, or still runs it. */
  endedAt?: number;
  how?: 'returned' | 'threw';
  /** What the worker told of it, in order. */
  readonly ends: End[];
  lastToldAt?: number;
}

/** All that a history says of one job. */
export interface TaskStory {
  readonly task: number;
  readonly nature: Nature;
  acknowledged: boolean;
  readonly runs: Run[];
  /** What was told without a run of that process: a burial of a job that was never started again. */
  readonly endsWithoutRun: { readonly end: End; readonly pid: number }[];
}

/** Puts the entries of a history together, job by job. */
export function storiesOf(entries: readonly Entry[]): TaskStory[] {
  const stories = new Map<number, TaskStory>();
  for (const entry of entries) {
    if (!('task' in entry)) continue;
    if (entry.kind === 'adding') {
      const { task, nature } = entry;
      stories.set(task, { task, nature, acknowledged: false, runs: [], endsWithoutRun: [] });
      continue;
    }
    const story = stories.get(entry.task);
    if (story) tell(story, entry);
  }
  return [...stories.values()];
}

function tell(story: TaskStory, entry: Entry & { readonly task: number }): void {
  const { task, pid, at } = entry;
  const ofProcess = story.runs.filter((run) => run.pid === pid);
  switch (entry.kind) {
    case 'added':
      story.acknowledged = true;
      return;
    case 'started':
      story.runs.push({ task, pid, startedAt: at, ends: [] });
      return;
    case 'began': {
      // The start of a run is told just before its handler is called; one whose handler never was keeps no name.
      const run = ofProcess.findLast(({ name }) => name === undefined);
      if (run) run.name = entry.run;
      return;
    }
    case 'returned':
    case 'threw': {
      const run = ofProcess.find(({ name }) => name === entry.run);
      if (run) Object.assign(run, { endedAt: at, how: entry.kind });
      return;
    }
    case 'completed':
    case 'retried':
    case 'buried':
    case 'lost': {
      const run = runToldOf(entry.kind, ofProcess);
      if (!run) {
        story.endsWithoutRun.push({ end: entry.kind, pid });
        return;
      }
      run.ends.push(entry.kind);
      run.lastToldAt = at;
      return;
    }
    default:
      return;
  }
}

/**
 * Which of a process's runs of a job an event is about. Several may be untold: one was lost and its handler goes on, or
 * a released job came back before its worker had heard of the release. A result is that of the first run that ended so.
 */
function runToldOf(end: End, ofProcess: readonly Run[]): Run | undefined {
  const open = ofProcess.filter(({ ends }) => ends.length === 0);
  if (end === 'lost') return open[0] ?? ofProcess.at(-1);
  const how = end === 'completed' ? 'returned' : 'threw';
  return open.find((run) => run.how === how) ?? open.at(-1) ?? ofProcess.at(-1);
}
