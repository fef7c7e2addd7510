import type { Step } from '../work/result-file';

interface Run {
  readonly pid: number;
  last: Step;
}

/** What became of the tasks of one pipeline, as the result file tells. */
export interface Verdict {
  readonly pipeline: string;
  readonly added: number;
  readonly done: number;
  /** Started again because the worker was killed before the queue had deleted the job. */
  readonly startedAgain: number;
  readonly doneTwice: number;
  /** Tasks that nobody did. */
  readonly lost: readonly number[];
  /** Tasks that were started again although their worker was not killed, or was done with them. */
  readonly needlessly: readonly number[];
}

/** Looks through the lines of the result file for the tasks 0 … added − 1 of a pipeline. */
export function verdictOn(
  pipeline: string,
  added: number,
  lines: readonly string[],
  killed: ReadonlySet<number>,
): Verdict {
  const tasks = Array.from({ length: added }, (): Run[] => []);
  for (const line of lines) {
    const [step, pid, of, number] = line.split(' ');
    if (of === pipeline) note(tasks[Number(number)] ?? [], step as Step, Number(pid));
  }
  const having = (condition: (runs: readonly Run[]) => boolean) =>
    tasks.flatMap((runs, number) => (condition(runs) ? [number] : []));
  return {
    pipeline,
    added,
    done: having((runs) => runs.some(isDone)).length,
    startedAgain: having((runs) => runs.length > 1).length,
    doneTwice: having((runs) => runs.filter(isDone).length > 1).length,
    lost: having((runs) => !runs.some(isDone)),
    needlessly: having((runs) =>
      runs.slice(0, -1).some(({ pid, last }) => !killed.has(pid) || last === 'deleted'),
    ),
  };
}

function note(runs: Run[], step: Step, pid: number): void {
  const run = runs.findLast((one) => one.pid === pid);
  if (step === 'started' || !run) runs.push({ pid, last: step });
  else run.last = step;
}

function isDone({ last }: Run): boolean {
  return last !== 'started';
}
