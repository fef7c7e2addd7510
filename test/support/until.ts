import { setTimeout as sleep } from 'node:timers/promises';

const SECONDS_BETWEEN_LOOKS = 0.02;

/**
 * Waits until the condition answers something other than `false` or `undefined`, and answers that. A rejection
 * means "not yet", so `expect` may stand in the condition. When `within` seconds (default 10) are over, throws an
 * error that says what was awaited, with the last rejection as its `cause`.
 */
export async function until<T>(
  awaited: string,
  condition: () => T | Promise<T>,
  { within = 10 }: { within?: number } = {},
): Promise<Exclude<T, false | undefined>> {
  const deadline = performance.now() + within * 1000;
  let cause: unknown;
  do {
    try {
      const answer = await condition();
      if (isAnswer(answer)) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await sleep(SECONDS_BETWEEN_LOOKS * 1000);
  } while (performance.now() < deadline);
  const lastRejection = cause instanceof Error ? `: ${cause.message}` : '';
  throw new Error(`Waited ${within} s in vain until ${awaited}${lastRejection}`, { cause });
}

function isAnswer<T>(value: T): value is Exclude<T, false | undefined> {
  return value !== false && value !== undefined;
}
