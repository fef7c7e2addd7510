/** The name that `name` is most likely a misspelling of; undefined when none is near. */
export function nearestOf(name: string, names: readonly string[]): string | undefined {
  const written = name.slice(0, 60).toLowerCase();
  const near = names
    .map((known) => ({ known, far: distance(written, known.toLowerCase()) }))
    .filter(({ known, far }) => far <= Math.max(1, Math.floor(known.length / 3)));
  return near.sort((one, other) => one.far - other.far)[0]?.known;
}

/** How many letters have to be inserted, removed, replaced or swapped with their neighbour. */
function distance(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= one.length; row += 1) {
    rows[row] = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = at(row - 1, column - 1) + (one[row - 1] === other[column - 1] ? 0 : 1);
      const isSwap = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const swapped = isSwap ? at(row - 2, column - 2) + 1 : Infinity;
      rows[row]![column] = Math.min(replaced, swapped, at(row - 1, column) + 1, at(row, column - 1) + 1);
    }
  }
  return at(one.length, other.length);
}
