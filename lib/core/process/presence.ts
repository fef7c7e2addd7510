import { messageOf } from '../checks/text';
import type { QueueBackend } from '../contract/backend';
import { BackendRefusedError } from '../contract/errors';
import type { Seconds } from '../contract/job-data';
import type { Logger } from '../contract/logger';
import { BEAT, type Heard, type Membership, type WorkerReport } from '../contract/ports/registry';
import { endsWithin } from '../time/sleep';
import { clearTimeout, setTimeout } from '../time/timers';
import type { Health } from './health';

/** So that a process which starts says of all its workers at once, and a short one says nothing. */
const FIRST: Seconds = 0.25;
/** How long the backend may take to hear that this process has left. */
const LEAVING: Seconds = 2;

/**
 * Tells the backend every few seconds that this process has workers. Jobs never wait for it: what fails is tried again
 * at the next beat, and while the backend does not answer it is asked nothing.
 */
export class Presence {
  private readonly membership: Membership | undefined;
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> | undefined;
  private ended = true;
  private said = false;
  private told = false;
  private heard: Heard | void = undefined;

  constructor(
    backend: QueueBackend,
    private readonly health: Pick<Health, 'lost'>,
    private readonly report: () => WorkerReport,
    private readonly logger: Logger,
  ) {
    this.membership = backend.features.registry?.join();
  }

  /** Whether whoever could take the jobs of this process would soon know of its death. False before it is known. */
  get provable(): boolean {
    return this.heard?.provable ?? false;
  }

  /** To be called when a worker has started. */
  begin(): void {
    if (!this.membership || !this.ended) return;
    this.ended = false;
    this.next(this.membership, FIRST);
  }

  /** To be called when the last worker has ended. Never rejects. */
  async end(): Promise<void> {
    if (!this.membership || this.ended) return;
    this.ended = true;
    this.heard = undefined;
    clearTimeout(this.timer);
    await endsWithin(LEAVING, this.left(this.membership));
  }

  /** Begun anew meanwhile, the row stays. */
  private async left(membership: Membership): Promise<void> {
    await this.underWay;
    // Where nobody hears it, the process is on no list some seconds later all the same.
    if (this.ended && this.said) await membership.leave().catch(() => undefined);
  }

  private beat(membership: Membership): void {
    this.underWay = this.beatOnce(membership).finally(() => {
      this.underWay = undefined;
      if (!this.ended) this.next(membership, BEAT);
    });
  }

  private next(membership: Membership, within: Seconds): void {
    this.timer = setTimeout(() => this.beat(membership), within * 1000);
    this.timer.unref();
  }

  private async beatOnce(membership: Membership): Promise<void> {
    if (this.health.lost) {
      this.heard = undefined;
      return;
    }
    this.said = true;
    try {
      const heard = await membership.beat(this.report());
      if (!this.ended) this.heard = heard;
    } catch (error) {
      this.heard = undefined;
      if (!(error instanceof BackendRefusedError) || this.told) return;
      this.told = true;
      this.logger.warn(
        `This process works on jobs, and no list of workers shows it (a worker’s rights are in docs/production.md): ${messageOf(error)}`,
      );
    }
  }
}
