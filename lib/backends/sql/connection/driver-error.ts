import { read } from '../../../core/checks/text';

export interface DriverError {
  readonly code?: unknown;
  readonly errno?: unknown;
  readonly message: string;
  /** The driver's own error, from beneath TypeORM's, fit for a log. */
  readonly cause: unknown;
}

export function driverErrorOf(error: unknown): DriverError {
  const cause = (error as { driverError?: unknown } | undefined)?.driverError ?? error;
  if (!isError(cause)) return { message: String(cause), cause };
  hideData(cause);
  const { code, errno } = cause as { code?: unknown; errno?: unknown };
  // Node tries every address of a host name, and its error for all of them together has no message of its own.
  const attempts = cause instanceof AggregateError ? (cause.errors as Error[]) : [];
  const message = cause.message || attempts.map((attempt) => attempt.message).join(', ') || String(code);
  return { code, errno, message, cause };
}

/**
 * The error beneath what a library of the application's has thrown, where one says more to `faults`: that of a driver,
 * for the most part.
 */
export function codedBeneath(error: unknown, faults: { faultOf(error: unknown): string }): unknown {
  for (let each = error, depth = 0; each !== undefined && depth < DEEPEST; depth += 1) {
    if (driverErrorOf(each).code !== undefined && faults.faultOf(each) !== 'refused') return each;
    each = read(each, 'cause') ?? read(each, 'original') ?? read(read(each, 'meta'), 'driverAdapterError');
  }
  return error;
}

const DEEPEST = 8;

/** Whether TypeORM or a driver has thrown it, not the application's code. */
export function isOfDatabase(error: unknown): boolean {
  return driverErrorOf(error).code !== undefined || isOfTypeOrm(error);
}

/** By name: TypeORM may be missing where this is loaded, and an application may have several. */
export function isOfTypeOrm(error: unknown): boolean {
  for (let type = error as object | null; type; type = Object.getPrototypeOf(type) as object | null) {
    if (type.constructor.name === 'TypeORMError') return true;
  }
  return false;
}

/** By shape: a native driver that is loaded once serves several realms (jest's), and its errors are of one of them. */
function isError(value: unknown): value is Error {
  return typeof (value as Partial<Error> | null | undefined)?.message === 'string';
}

/** What says what went wrong, and never with which job. */
const PRINTED = new Set([
  ...['code', 'errno', 'sqlState', 'severity', 'schema', 'table', 'column', 'constraint'],
  ...['syscall', 'hostname', 'address', 'port'],
]);

/**
 * Drivers put the whole statement with its values (mysql2's `sql`) or the whole row (pg's `detail`) into their
 * errors, and printing an error prints its cause as well. Such properties stay, but are not printed any more.
 */
function hideData(error: Error): void {
  for (const property of Object.keys(error)) {
    if (!PRINTED.has(property)) Object.defineProperty(error, property, { enumerable: false });
  }
}
