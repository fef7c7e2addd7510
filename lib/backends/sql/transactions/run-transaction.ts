/**
 * Runs the work in a transaction of the application's: begins one, calls `work` once with what the library hands out for
 * it, waits, and commits. When `work` rejects, it rolls back and rejects with the same error: as
 * `(work) => prisma.$transaction(work)` and `(work) => db.transaction(work)` do.
 */
export type RunTransaction = (work: (transaction: object) => Promise<void>) => PromiseLike<unknown>;
