import { inspect } from 'node:util';
import { JobQueueError, type QueueBackend } from '../../lib/index';

/** The error of ours with which something is refused; whoever prints it, prints none of the secrets. */
export async function refusal(
  refused: Promise<unknown>,
  ...secrets: readonly string[]
): Promise<JobQueueError> {
  const error: unknown = await refused.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof JobQueueError)) throw new Error('Not refused by an error of ours', { cause: error });
  const printed = inspect(error, { depth: null });
  for (const secret of secrets) expect(printed).not.toContain(secret);
  return error;
}

/** Likewise, of a backend that cannot connect. */
export async function connectRefusal(
  backend: QueueBackend,
  ...secrets: readonly string[]
): Promise<JobQueueError> {
  const error = await refusal(backend.connect(), ...secrets);
  // It holds nothing that would have to be closed.
  await backend.close();
  return error;
}

/** The URL with other parts. */
export function changed(url: string, parts: Partial<URL>): string {
  return Object.assign(new URL(url), parts).href;
}
