import { type Clock, steadyClock } from '../../../core/time/clock';
import { MAX_MOMENT } from '../layouts/job-table';

/** A look that reaches the server so much later than it should has met one that stood still. */
const LATE_MS = 1000;
/** More than the longest pause between two tries of a worker: by then every live worker has renewed its leases. */
const GRACE_MS = 6000;

/** A look that was sent. */
export interface SentLook {
  /** In milliseconds of our clock. */
  readonly sentAt: number;
  /** It frees leases only before that moment of the server's clock, in milliseconds since 1970. */
  readonly leasesUntil: number;
}

/**
 * When leases may be freed whose time is over. Not while the server is away, and some time after: their holders could
 * not renew them, and do so first. Nor for some time after the start of a process beside others.
 *
 * The server may also stand still while a look is on its way to it, which the look cannot know: so it frees leases only
 * before a moment of the server's own clock, which is over when it comes late.
 */
export class LeaseGrace {
  /** A look that came in time: when it was sent by our clock, and when it was carried out by the server's. */
  private last: { readonly sentAt: number; readonly server: number } | undefined;
  private away = false;
  private endsAt = -Infinity;
  private newUntil = -Infinity;

  constructor(private readonly clock: Clock = steadyClock) {}

  /** Whether leases that ran out are let be: whoever had them may renew them. */
  get active(): boolean {
    return this.afterOutage || this.clock.now() < this.newUntil;
  }

  /** Whether the server is away, or was a short time ago: leases of this process may have run out unseen, too. */
  get afterOutage(): boolean {
    return this.away || this.clock.now() < this.endsAt;
  }

  /** This process is new, and others hold leases: it does not know whether the server was away for them. */
  newcomer(): void {
    this.newUntil = this.clock.now() + GRACE_MS;
  }

  /** A look is sent now; statements were held up until then, if ever. */
  sent(heldUpAt = -Infinity): SentLook {
    const sentAt = this.clock.now();
    if (this.last && heldUpAt > this.last.sentAt) this.begin(sentAt);
    return { sentAt, leasesUntil: this.leasesUntil(sentAt) };
  }

  /** It was answered; by the server's clock it was carried out then. */
  answered({ sentAt, leasesUntil }: SentLook, server: number): void {
    const graced = leasesUntil === 0;
    const inTime = !this.away && (graced || server < leasesUntil);
    this.away = false;
    if (!inTime) this.begin(this.clock.now());
    else if (!graced) this.last = { sentAt, server };
  }

  /** A look or a renewal failed: the server is away. */
  failed(): void {
    this.away = true;
  }

  private begin(now: number): void {
    this.last = undefined;
    this.endsAt = now + GRACE_MS;
  }

  private leasesUntil(now: number): number {
    if (this.active) return 0;
    // A grace is followed by a look that may come late: a server that is always slow keeps no leases for ever.
    if (!this.last) return MAX_MOMENT;
    return Math.ceil(this.last.server + (now - this.last.sentAt) + LATE_MS);
  }
}
