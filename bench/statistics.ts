/** Of at least one value; sorts a copy. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? NaN;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] ?? NaN;
  return ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** The part of the jobs whose time is not counted: connections, compiled code and caches are still cold. */
const COLD = 0.1;

/** Jobs a second from the moments in which they were handled, in milliseconds. */
export function rateOf(moments: readonly number[]): number {
  const sorted = moments.toSorted((one, other) => one - other);
  const first = Math.floor(sorted.length * COLD);
  const jobs = sorted.length - 1 - first;
  return (jobs / ((sorted.at(-1) ?? NaN) - (sorted[first] ?? NaN))) * 1000;
}
