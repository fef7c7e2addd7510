/* The process's own timers, even when a test installs fake ones later: a job waits for the backend, not for a test. */

export const { setTimeout, clearTimeout, setImmediate } = globalThis;
export const nextTick = process.nextTick.bind(process);
