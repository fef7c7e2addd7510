import { BackendRefusedError } from '../../../core/contract/errors';

export interface Refused<T> {
  readonly one: T;
  readonly error: BackendRefusedError;
}

/**
 * Does the work for all together. One that the server refuses costs the others nothing: they go in ever smaller parts
 * then. Resolves with those that it refuses alone; rejects with every other error.
 */
export async function apart<T>(
  all: readonly T[],
  work: (some: readonly T[]) => Promise<void>,
): Promise<Refused<T>[]> {
  const [one, another] = all;
  if (one === undefined) return [];
  try {
    await work(all);
    return [];
  } catch (error) {
    if (!(error instanceof BackendRefusedError)) throw error;
    if (another === undefined) return [{ one, error }];
  }
  const half = all.length >> 1;
  return [...(await apart(all.slice(0, half), work)), ...(await apart(all.slice(half), work))];
}

/** The same, for work of which nothing may stay undone in silence: throws the first refusal, when all others are done. */
export async function allApart<T>(
  all: readonly T[],
  work: (some: readonly T[]) => Promise<void>,
): Promise<void> {
  const [refused] = await apart(all, work);
  if (refused) throw refused.error;
}
