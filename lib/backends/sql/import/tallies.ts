import type { ImportTally } from '../../../core/contract/ports/import';

type Counted = 'ready' | 'delayed' | 'buried' | 'known' | 'left' | 'refused' | 'notJson' | 'otherTtr';
type Counting = { -readonly [Name in keyof ImportTally]: ImportTally[Name] };

/** What became of the jobs, pipeline by pipeline. */
export class Tallies {
  private readonly byName = new Map<string, Counting>();

  /** Sorted by name. */
  get all(): ImportTally[] {
    return [...this.byName.values()].sort((one, other) => (one.pipeline < other.pipeline ? -1 : 1));
  }

  count(pipeline: string, what: Counted): void {
    this.of(pipeline)[what] += 1;
  }

  refused(pipeline: string, because: string): void {
    const tally = this.of(pipeline);
    tally.refused += 1;
    tally.because = because;
  }

  private of(pipeline: string): Counting {
    let tally = this.byName.get(pipeline);
    if (!tally) {
      const states = { ready: 0, delayed: 0, buried: 0 };
      tally = { pipeline, ...states, known: 0, left: 0, refused: 0, notJson: 0, otherTtr: 0 };
      this.byName.set(pipeline, tally);
    }
    return tally;
  }
}
