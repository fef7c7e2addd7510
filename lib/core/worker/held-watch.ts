import { clearTimeout, setTimeout } from '../time/timers';

/** How often to look whether prefetched jobs still move. */
const LOOK_EVERY_MS = 100;

/** Looks at what is held now and then, for as long as anything is. */
export class HeldWatch {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly intake: { readonly waiting: number },
    private readonly look: () => void,
  ) {}

  start(): void {
    if (this.timer || this.intake.waiting === 0) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.look();
      this.start();
    }, LOOK_EVERY_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
