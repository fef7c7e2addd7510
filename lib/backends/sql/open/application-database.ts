import type { DataSource } from 'typeorm';
import { InvalidConfigurationError } from '../../../core/contract/errors';
import { ApplicationTransactions } from '../transactions/application-transactions';
import type { Database } from './database';

/** A database on the pool of the application's DataSource, in whose transactions handlers can write. */
export function applicationDatabase(dataSource: DataSource, open: () => Database): Database {
  if (!dataSource.isInitialized) {
    throw new InvalidConfigurationError(
      'The DataSource of the queue is not initialized: call dataSource.initialize() before.',
    );
  }
  const database = open();
  return { ...database, transactions: new ApplicationTransactions(dataSource, database.dialect) };
}
