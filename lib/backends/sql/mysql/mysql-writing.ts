import type { JobTable } from '../layouts/job-table';

/**
 * Changes nothing, and is refused by a server that takes no writes. An idle worker only reads, and on such a server,
 * which never gets another job, it would wait for ever. Asked of the server's variables, a user with many rights, who
 * may write all the same, would be told otherwise.
 */
export function writingNothing({ jobs }: JobTable): string {
  return `update ${jobs} force index (primary) set kicks = kicks where id = 0`;
}
