import type { FaultCodes } from '../../connection/fault-reporter';

export const SQLITE_FAULTS: FaultCodes = {
  conflict: new Set<unknown>([
    'SQLITE_BUSY',
    'SQLITE_BUSY_SNAPSHOT',
    'SQLITE_BUSY_RECOVERY',
    'SQLITE_LOCKED',
  ]),
  /** Codes after which the same statement may succeed later: space is freed, a file system is back. */
  unavailable: (code) => /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|PROTOCOL)/.test(String(code)),
};
