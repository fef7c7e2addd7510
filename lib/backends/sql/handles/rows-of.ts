/** The rows of an answer: as they are, under `rows`, or with their columns behind them; undefined for anything else. */
export function rowsOf(answer: unknown): readonly object[] | undefined {
  const given = Array.isArray(answer) ? answer : (answer as { rows?: unknown } | null | undefined)?.rows;
  if (!Array.isArray(given)) return undefined;
  const rows: readonly unknown[] = Array.isArray(given[0]) ? given[0] : given;
  return rows.every(isRow) ? rows : undefined;
}

function isRow(row: unknown): row is object {
  return typeof row === 'object' && row !== null && !Array.isArray(row);
}
