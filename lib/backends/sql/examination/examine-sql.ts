import { messageOf } from '../../../core/checks/text';
import { BackendRefusedError, BackendUnavailableError, JobQueueError } from '../../../core/contract/errors';
import type { Logger } from '../../../core/contract/logger';
import type { Examined, Patience } from '../../../core/contract/ports/examination';
import type { Database } from '../open/database';
import type { TableOptions } from '../open/sql-options';
import type { SqlSystem } from '../open/sql-system';
import { systemOfUrl } from '../open/sql-systems';
import { clockCheck } from './clock-check';
import { layoutCheck } from './layout-check';
import { pipelinesCheck } from './pipelines-check';
import { rightsCheck } from './rights-check';
import { rowsCheck } from './rows-check';
import { schedulesCheck } from './schedules-check';
import type { SqlCheck, SqlPatient } from './sql-check';
import { wakeUpCheck } from './wake-up-check';

/** Of the queue's tables: without them there is nothing to look at. */
const OF_TABLES: readonly SqlCheck[] = [rightsCheck, pipelinesCheck, schedulesCheck, rowsCheck];
const OF_SERVER: readonly SqlCheck[] = [clockCheck, wakeUpCheck];

/** Looks at a database and the queue in it, and changes nothing. What cannot be reached is a finding, too. */
export async function* examineSql(
  url: string,
  options: TableOptions,
  { patience }: Patience,
): AsyncGenerator<Examined> {
  const system = systemOfUrl(url);
  const warnings: string[] = [];
  const logger: Logger = { log: () => {}, warn: (line) => warnings.push(line), error: () => {} };
  let database: Database;
  try {
    database = await system.open(url, { ...options, migrate: false }, logger);
  } catch (error) {
    if (!isFault(error)) throw error;
    yield unreached(error);
    return;
  }
  const { dialect } = database;
  const patient = { db: dialect.db.patient, table: dialect.table, dialect, database, warnings, patience };
  try {
    yield* examined(patient, system);
  } finally {
    await database.close();
  }
}

async function* examined(patient: SqlPatient, system: SqlSystem): AsyncGenerator<Examined> {
  try {
    await patient.dialect.checkServer();
  } catch (error) {
    if (!isFault(error)) throw error;
    yield unreached(error);
    return;
  }
  for (const check of [...system.checks.server, ...OF_SERVER]) yield looked(check, patient);
  const layout = await looked(layoutCheck, patient);
  yield layout;
  if (layout.findings.length > 0) return;
  for (const check of [...OF_TABLES, ...system.checks.tables]) yield looked(check, patient);
}

async function looked(check: SqlCheck, patient: SqlPatient): Promise<Examined> {
  const { about } = check;
  try {
    return { about, findings: [], ...(await check.look(patient)) };
  } catch (error) {
    // Statistics of the server are not for every role.
    if (error instanceof BackendRefusedError)
      return { about, seen: `not looked at: ${messageOf(error)}`, findings: [] };
    throw error;
  }
}

function unreached(error: JobQueueError): Examined {
  const remedy =
    error instanceof BackendUnavailableError
      ? 'Start the server, or correct the host, the port and the firewall between.'
      : 'Do what the message says.';
  return { about: 'server', seen: '', findings: [{ finding: messageOf(error), remedy }] };
}

function isFault(error: unknown): error is JobQueueError {
  return (
    error instanceof JobQueueError &&
    error.code !== 'INVALID_CONFIGURATION' &&
    error.code !== 'MISSING_DRIVER'
  );
}
