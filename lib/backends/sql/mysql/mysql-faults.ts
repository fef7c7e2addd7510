import type { FaultCodes } from '../connection/fault-reporter';

/** 1213 deadlock, 1205 lock wait timeout, 1020 record changed since the last read (MariaDB's snapshot isolation). */
const CONFLICTS = new Set<unknown>([1213, 1205, 1020]);

/** Another connection may lead to a server that is well. */
const OF_CONNECTION = new Set<unknown>([
  // 1290 and 1836 read-only, 1036 InnoDB read-only, 1792 a read-only transaction, 1223 read-locked, 1209 of old.
  ...[1290, 1836, 1036, 1792, 1223, 1209],
  // 1047 not ready (Galera without a quorum), 3100 and 3101 refused by the group (Group Replication), 1180 no commit.
  ...[1047, 3100, 3101, 1180],
  // 1053 and 1077 shutdown, 1927 and 3169 killed, 3168 not available, 4031 idle for too long.
  ...[1053, 1077, 1927, 3169, 3168, 4031],
  // 1158 to 1161 and 1184 the network.
  ...[1158, 1159, 1160, 1161, 1184],
  'PROTOCOL_CONNECTION_LOST',
]);

/** Every connection meets it. */
const EVERYWHERE = new Set<unknown>([
  // 1040, 1203 and 1226 no connection left, 1021 and 1114 no disk, 1037, 1038 and 1041 no memory.
  ...[1040, 1203, 1226, 1021, 1114, 1037, 1038, 1041],
  // 1317 interrupted, 3024 and 1969 longer than the server allows.
  ...[1317, 3024, 1969],
]);

export const MYSQL_FAULTS: FaultCodes = {
  conflict: CONFLICTS,
  // The driver's own errors have no number, and most no code.
  unavailable: (code, errno) =>
    OF_CONNECTION.has(code) || OF_CONNECTION.has(errno) || EVERYWHERE.has(errno) || code === undefined,
  everywhere: (_code, errno) => EVERYWHERE.has(errno),
};
