import type { JobId } from '../../../core/contract/job-data';
import { CommandFailure } from '../../failure';
import type { Session } from '../../session';

/**
 * Does something with each of these jobs, and says what was done.
 *
 * @throws {CommandFailure} when it could not be done with one of them; it was done with the others
 */
export async function eachJob(
  ids: readonly JobId[],
  { screen }: Session,
  done: string,
  work: (id: JobId) => Promise<boolean>,
): Promise<void> {
  const missed: JobId[] = [];
  for (const id of ids) if (!(await work(id))) missed.push(id);
  const number = ids.length - missed.length;
  screen.done(`${done} ${number}`, { [done]: number, missed });
  if (missed.length > 0)
    throw new CommandFailure(
      `not ${done}, because it is not there, or a worker holds it: ${missed.join(', ')}`,
    );
}
