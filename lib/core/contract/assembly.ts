import type { QueueBackend } from './backend';

/*
 * What Nest's part needs of the backends without knowing any of them. The entry points know both sides and put them
 * together (`lib/assembly.ts`).
 */

export interface Assembly {
  /** The backend that a URL names, not yet connected. */
  openBackend(url: string): Promise<QueueBackend>;
  readonly transactions: ApplicationTransactions;
}

/** Transactions of the application's own, for queues of every kind: what is added after a commit may go to beanstalkd. */
export interface ApplicationTransactions {
  /** Whether it is a transaction that has begun and not ended. */
  isUnderWay(transaction: unknown): boolean;
  /**
   * Calls back right after the outermost transaction has committed, and never when it is rolled back. False when
   * none is under way.
   */
  whenCommitted(transaction: unknown, callback: () => void): boolean;
}

let parts: Assembly | undefined;

export function assemble(assembly: Assembly): void {
  parts = assembly;
}

export function assembled(): Assembly {
  if (!parts) throw new Error('Import nestjs-simple-job-queue by an entry point of the package.');
  return parts;
}
