export type Turn = () => Promise<number>;

/** Each turn begins with another one of both. */
export async function inTurns(
  turns: number,
  [one, other]: readonly [Turn, Turn],
): Promise<[number[], number[]]> {
  const [ones, others]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < turns; turn++) {
    if (turn % 2 === 0) ones.push(await one());
    others.push(await other());
    if (turn % 2 === 1) ones.push(await one());
  }
  return [ones, others];
}
