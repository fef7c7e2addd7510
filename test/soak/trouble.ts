import type { Entry, Trouble } from './history';

/** A span of time in which a lease could be lost without anybody's fault. */
interface Span {
  readonly trouble: Trouble;
  readonly from: number;
  readonly to: number;
  /** Undefined: everybody's. */
  readonly pid: number | undefined;
}

/** How a process ended, and when. */
export interface Death {
  readonly how: 'ended' | 'killed' | 'killed itself';
  readonly at: number;
}

/** When what was broken, and how each process ended. */
export class Troubles {
  private readonly spans: Span[] = [];
  private readonly deaths = new Map<number, Death>();

  constructor(entries: readonly Entry[]) {
    const open: Omit<Span, 'to'>[] = [];
    for (const entry of entries) {
      switch (entry.kind) {
        case 'trouble begins':
          open.push({ trouble: entry.trouble, from: entry.at, pid: entry.worker });
          break;
        case 'trouble ends': {
          const index = open.findIndex(
            ({ trouble, pid }) => trouble === entry.trouble && pid === entry.worker,
          );
          const [begun] = index === -1 ? [] : open.splice(index, 1);
          if (begun) this.spans.push({ ...begun, to: entry.at });
          break;
        }
        case 'ended':
        case 'killed':
        case 'killed itself':
          this.deaths.set(entry.worker, { how: entry.kind, at: entry.at });
          break;
        default:
          break;
      }
    }
    for (const begun of open) this.spans.push({ ...begun, to: Infinity });
  }

  deathOf(pid: number): Death | undefined {
    return this.deaths.get(pid);
  }

  /** Whether anything was broken for that process in the time from `from` to `to`, in seconds. */
  touch(pid: number, from: number, to: number): boolean {
    return this.spans.some(
      (span) => (span.pid === undefined || span.pid === pid) && span.from <= to && span.to >= from,
    );
  }
}
