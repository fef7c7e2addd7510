import { messageOf } from '../../../core/checks/text';
import { BackendUnavailableError } from '../../../core/contract/errors';
import type { Logger } from '../../../core/contract/logger';

/** Says why rows stay that nobody needs any more: once, until there is another reason or none. */
export class ToldRefusal {
  private told: string | undefined;

  constructor(
    /** In the plural. */
    private readonly rows: string,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  /** An outage is told by those who wait for jobs. */
  failed(error: unknown): void {
    const reason = messageOf(error);
    if (error instanceof BackendUnavailableError || reason === this.told) return;
    this.told = reason;
    this.logger.warn(
      `${this.rows} cannot be removed, and stay (a worker’s rights are in docs/production.md): ${reason}`,
    );
  }

  succeeded(): void {
    this.told = undefined;
  }
}
