import { errorNameOf } from '../core/checks/text';
import { isDevelopment } from '../nest/options/development';
import type { BoardRequest, BoardSettings } from './board-options';

/** Told by bull-board and by servers; `headers` alone is in all of them. */
interface Asked extends BoardRequest {
  readonly method?: string | undefined;
}

/** Who may see a board. */
export class Door {
  /** bull-board asks once for each pipeline of a page. */
  private readonly answers = new WeakMap<BoardRequest, Promise<boolean>>();
  private told = false;

  constructor(
    private readonly authorize: BoardSettings['authorize'],
    private readonly warn: (line: string) => void,
  ) {}

  /** What the start says of it. */
  get state(): string {
    if (this.authorize) return 'open to whom authorize() lets in';
    return isDevelopment()
      ? 'open to everyone, in development'
      : 'closed: give it authorize, a function that returns true for whom may see it (NODE_ENV=development opens it, too)';
  }

  get closed(): boolean {
    return this.authorize === undefined && !isDevelopment();
  }

  opensTo(request: Asked): Promise<boolean> {
    const known = this.answers.get(request);
    if (known) return known;
    const answer = this.ask(request);
    this.answers.set(request, answer);
    return answer;
  }

  private async ask(request: Asked): Promise<boolean> {
    if (isForeign(request)) return false;
    if (!this.authorize) return isDevelopment();
    try {
      // Only `true`: a forgotten await or return must not open it.
      return (await this.authorize(request)) === true;
    } catch (error) {
      if (!this.told)
        this.warn(`authorize() threw ${errorNameOf(error)}, so requests to the board are refused`);
      this.told = true;
      return false;
    }
  }
}

/** A button that a page of another site has pressed, with the cookies of whom it was shown to. */
function isForeign({ method = 'GET', headers }: Asked): boolean {
  return method !== 'GET' && method !== 'HEAD' && headers['sec-fetch-site'] === 'cross-site';
}
