import type { FaultCodes } from '../connection/fault-reporter';

/** 40001 serialization failure, 40P01 deadlock, 55P03 lock not available. */
const CONFLICTS = new Set<unknown>(['40001', '40P01', '55P03']);

/**
 * Class 08 connection, 57P shutdown, start-up and hot standby, 25006 a server that is or became read-only (a demoted
 * primary, for one).
 */
const OF_CONNECTION = /^(08|57P|25006)/;

/** 53 out of connections, memory or disk, 58 system error, 57014 cancelled by statement_timeout or by hand. */
const EVERYWHERE = /^(53|58|57014)/;

export const POSTGRES_FAULTS: FaultCodes = {
  conflict: CONFLICTS,
  // The driver's own errors have no code.
  unavailable: (code) =>
    code === undefined || (typeof code === 'string' && (OF_CONNECTION.test(code) || EVERYWHERE.test(code))),
  everywhere: (code) => typeof code === 'string' && EVERYWHERE.test(code),
};
