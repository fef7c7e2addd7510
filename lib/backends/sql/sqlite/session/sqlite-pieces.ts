/** A statement holds up the process, and the file's other writers, for as long as it takes. */
const PIECE = 2000;

/** Changes all, or as many rows as that, piece by piece; resolves with how many. */
export async function inPieces(most: number, change: (piece: number) => Promise<number>): Promise<number> {
  let changed = 0;
  for (;;) {
    const piece = Math.min(PIECE, most - changed);
    const found = piece > 0 ? await change(piece) : 0;
    changed += found;
    if (piece === 0 || found < piece) return changed;
  }
}
