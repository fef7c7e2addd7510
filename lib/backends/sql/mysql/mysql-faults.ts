import type { FaultCodes } from '../connection/fault-reporter';

/** 1213 deadlock, 1205 lock wait timeout, 1020 record changed since the last read (MariaDB's snapshot isolation). */
const CONFLICTS = new Set<unknown>([1213, 1205, 1020]);

/** The server ends, is full, or has no connection left; the driver lost the connection. */
const UNAVAILABLE = new Set<unknown>([
  'PROTOCOL_CONNECTION_LOST',
  'ER_CON_COUNT_ERROR',
  'ER_SERVER_SHUTDOWN',
  'ER_NORMAL_SHUTDOWN',
  'ER_CONNECTION_KILLED',
  'ER_DISK_FULL',
  'ER_RECORD_FILE_FULL',
  'ER_OPTION_PREVENTS_STATEMENT',
  undefined,
]);

export const MYSQL_FAULTS: FaultCodes = { conflict: CONFLICTS, unavailable: (code) => UNAVAILABLE.has(code) };
