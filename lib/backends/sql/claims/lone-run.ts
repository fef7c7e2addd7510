/*
 * The notes of runs that are alone in their process, in the three highest bits of the column `flags` that are no sign.
 * One says that the lease is that of such a run; when its time runs out, it becomes another one: the last run was
 * alone, and was lost. Where only its transaction failed, the job may have done that or somebody who cut the
 * connection: the first time becomes the third note, and the second time is evidence, too. Values of the column, as SQL
 * that all systems take.
 */

/** The run of this lease is alone. */
const ALONE = 16_384;
/** A run that was alone was lost. */
const LOST = 8_192;
/** The transaction of the last run that was alone has failed. Half of `LOST`, so that twice is that. */
const UNDONE = 4_096;
/** All other bits. */
const OTHERS = UNDONE - 1;

/** How much longer than its ttr the lease of a run that is alone lasts, in milliseconds: more than a statement's deadline. */
export const LONE_GRACE_MS = 20_000;

/** The run starts. */
export const begun = `(flags & ${OTHERS + UNDONE}) | ${ALONE}`;
/** The job goes back. */
export const givenBack = `flags & ${ALONE - 1}`;
/** The time of its lease is over. */
export const runOut = `case when flags >= ${ALONE} then (flags & ${OTHERS}) | ${LOST} else flags end`;
/** The transaction of the run has failed, and its time is over. */
export const undone = `case when flags >= ${ALONE} then (flags & ${OTHERS}) + (flags & ${UNDONE}) + ${UNDONE} else flags end`;
/** The run has ended. */
export const ended = `flags & ${OTHERS}`;

/** Whether the last run was alone and was lost. */
export const wasLost = `(flags & ${LOST}) <> 0`;

/** How long a lease lasts from now on, in milliseconds. */
export const leaseMs = `ttr_ms + case when flags >= ${ALONE} then ${LONE_GRACE_MS} else 0 end`;
