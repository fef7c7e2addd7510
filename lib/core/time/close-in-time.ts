import { BackendUnavailableError } from '../contract/errors';
import type { Seconds } from '../contract/job-data';
import type { Leases } from '../contract/leases';
import { endsWithin } from './sleep';

/** How long the backend may take to take jobs back; a frozen one would hold up the end for ever. */
export const GIVING_BACK: Seconds = 2;

/**
 * Closes the leases of that holder.
 *
 * @throws {BackendUnavailableError} when that takes too long
 */
export async function closeInTime(
  leases: Pick<Leases, 'close'>,
  backend: string,
  holder: string,
): Promise<void> {
  if (await endsWithin(GIVING_BACK, leases.close())) return;
  throw new BackendUnavailableError(
    backend,
    `it has not taken back what ${holder} held; that is ready again when its ttr is over.`,
  );
}
