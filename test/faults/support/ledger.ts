/** Account of the jobs of a scene, by the numbers of their tasks. */
export class Ledger {
  /** Those whose `addJob` resolved. */
  readonly added: number[] = [];
  /** Those whose `addJob` rejected because the backend was away: each is stored once or not at all. */
  readonly doubtful: number[] = [];
  private numbers = 0;

  nextNumber(): number {
    return this.numbers++;
  }
}
