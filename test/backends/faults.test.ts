import { DeadlineError } from '../../lib/backends/sql/connection/deadline';
import { type Fault, FaultReporter } from '../../lib/backends/sql/connection/fault-reporter';
import { MYSQL_FAULTS } from '../../lib/backends/sql/mysql/mysql-faults';
import { POSTGRES_FAULTS } from '../../lib/backends/sql/postgres/postgres-faults';

const postgres = new FaultReporter('postgres', POSTGRES_FAULTS);
const mysql = new FaultReporter('mysql', MYSQL_FAULTS);

function failing(properties: object): Error {
  return Object.assign(new Error('no'), properties);
}

describe('an error of PostgreSQL', () => {
  it.each<[string, Fault, boolean]>([
    ['40001', 'conflict', true],
    ['40P01', 'conflict', true],
    ['25006', 'unavailable', true],
    ['57P01', 'unavailable', true],
    ['57P03', 'unavailable', true],
    ['08006', 'unavailable', true],
    ['57014', 'unavailable', false],
    ['53100', 'unavailable', false],
    ['53300', 'unavailable', false],
    ['58030', 'unavailable', false],
    ['23514', 'refused', true],
    ['42501', 'refused', true],
    ['28P01', 'refused', true],
    ['25P03', 'refused', true],
    ['25P04', 'refused', true],
  ])('with the code %s is: %s', (code, fault, isOfConnection) => {
    const error = failing({ code });
    expect(postgres.faultOf(error)).toBe(fault);
    if (fault === 'unavailable') expect(postgres.isOfConnection(error)).toBe(isOfConnection);
  });
});

describe('an error of MySQL or MariaDB', () => {
  it.each<[number, string, Fault, boolean]>([
    [1213, 'ER_LOCK_DEADLOCK', 'conflict', true],
    [1205, 'ER_LOCK_WAIT_TIMEOUT', 'conflict', true],
    [1290, 'ER_OPTION_PREVENTS_STATEMENT', 'unavailable', true],
    [1792, 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION', 'unavailable', true],
    [1836, 'ER_READ_ONLY_MODE', 'unavailable', true],
    [1036, 'ER_OPEN_AS_READONLY', 'unavailable', true],
    [3101, 'ER_TRANSACTION_ROLLBACK_DURING_COMMIT', 'unavailable', true],
    [1047, 'ER_UNKNOWN_COM_ERROR', 'unavailable', true],
    [1053, 'ER_SERVER_SHUTDOWN', 'unavailable', true],
    [1040, 'ER_CON_COUNT_ERROR', 'unavailable', false],
    [1021, 'ER_DISK_FULL', 'unavailable', false],
    [3024, 'ER_QUERY_TIMEOUT', 'unavailable', false],
    [1045, 'ER_ACCESS_DENIED_ERROR', 'refused', true],
    [1146, 'ER_NO_SUCH_TABLE', 'refused', true],
  ])('with the number %i (%s) is: %s', (errno, code, fault, isOfConnection) => {
    const error = failing({ errno, code });
    expect(mysql.faultOf(error)).toBe(fault);
    if (fault === 'unavailable') expect(mysql.isOfConnection(error)).toBe(isOfConnection);
  });
});

describe.each([
  ['postgres', postgres],
  ['mysql', mysql],
])('an error of no server, with %s', (_, faults) => {
  it.each<[string, Error, Fault]>([
    ['a broken connection', failing({ code: 'ECONNRESET' }), 'unavailable'],
    ['a deadline', new DeadlineError('it did not answer within 10 s'), 'unavailable'],
    ['a driver’s own', new Error('Connection terminated unexpectedly'), 'unavailable'],
    ['a mistake in the code', new TypeError('x is not a function'), 'refused'],
  ])('is, for %s: %s', (_what, error, fault) => {
    expect(faults.faultOf(error)).toBe(fault);
    if (fault === 'unavailable') expect(faults.isOfConnection(error)).toBe(true);
  });
});
