import type { Hold } from '../engine/dialect';

/** The two lists that find what is held. Each is one parameter, so that the statement's text stays the same. */
export function heldBy(holds: readonly Hold[]): [ids: string, tokens: string] {
  return [
    // JSON's numbers have any length, JavaScript's have not.
    `[${holds.map(({ id }) => id).join()}]`,
    JSON.stringify([...new Set(holds.map(({ token }) => token))]),
  ];
}
