import { Arena } from './arena';
import type { Entry, MeasurementName } from './catalogue';
import { casesOf } from './measurements/cases';
import type { Case } from './measurements/measurement';
import type { Cell, Failure, Sample } from './results';
import type { Scale } from './scale';
import type { Servers } from './servers';

interface Task {
  readonly cell: Cell;
  readonly entry: Entry;
  readonly case: Case;
}

/** Measures everything of one run, in an order in which what is compared lies close together in time. */
export class Session {
  readonly samples: Sample[] = [];
  readonly failures: Failure[] = [];
  private stopped = false;

  constructor(
    private readonly scale: Scale,
    private readonly measurements: readonly MeasurementName[],
    private readonly entries: readonly Entry[],
    private readonly servers: Servers,
  ) {}

  async run(): Promise<void> {
    const tasks = this.tasks();
    const left = tasks.entries();
    const runners = Array.from({ length: this.scale.parallel }, async () => {
      for (const [index, task] of left) {
        if (this.stopped) return;
        await this.measure(task, `${index + 1}/${tasks.length}`);
      }
    });
    await Promise.all(runners);
  }

  /** What is being measured is the last. */
  stop(): void {
    this.stopped = true;
  }

  /** Case by case, in each round every contender, and each round begins with another one. */
  private tasks(): Task[] {
    const cases = this.measurements.flatMap((name) => casesOf[name](this.scale));
    return cases.flatMap((one) => {
      const entries = this.entries.filter(
        (entry) => entry.measurements.includes(one.measurement) && (one.fits?.(entry) ?? true),
      );
      return Array.from({ length: this.scale.rounds[one.measurement] ?? 1 }, (_, round) =>
        rotated(entries, round).map((entry) => ({
          cell: { measurement: one.measurement, case: one.name, contender: entry.name, round },
          entry,
          case: one,
        })),
      ).flat();
    });
  }

  private async measure({ cell, entry, case: one }: Task, position: string): Promise<void> {
    const title = `${position} ${cell.measurement}, ${cell.case}: ${cell.contender}`;
    try {
      const figures = await measureIn(await Arena.open(entry, this.scale, this.servers), one);
      this.samples.push({ ...cell, figures });
      process.stderr.write(`${title}: ${shown(figures)}\n`);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.failures.push({ ...cell, error: text });
      process.stderr.write(`${title} FAILED: ${text}\n`);
    }
  }
}

async function measureIn(arena: Arena, one: Case): Promise<Readonly<Record<string, number>>> {
  try {
    return await one.measure(arena);
  } finally {
    await arena.close();
  }
}

function rotated<T>(list: readonly T[], by: number): T[] {
  const start = by % Math.max(1, list.length);
  return [...list.slice(start), ...list.slice(0, start)];
}

function shown(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value.toLocaleString('en', { maximumSignificantDigits: 4 })}`)
    .join(', ');
}
