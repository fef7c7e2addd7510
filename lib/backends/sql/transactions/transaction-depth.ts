import type { QueryRunner } from 'typeorm';

/**
 * How many transactions of the runner are under way, one in the other. TypeORM counts for itself, in a field that its
 * types keep back; it stands before the events of an end are sent.
 */
export function depthOf(runner: QueryRunner): number {
  return (runner as unknown as { transactionDepth: number }).transactionDepth;
}
