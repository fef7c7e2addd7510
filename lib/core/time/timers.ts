/* The process's own timers, whatever a test's fake ones put in their place later: a job waits for the backend, not for a test. */

export const { setTimeout, clearTimeout, setImmediate } = globalThis;
