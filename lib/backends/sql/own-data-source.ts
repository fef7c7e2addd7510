import type { DataSource, DataSourceOptions } from 'typeorm';
import { MissingDriverError } from '../../core/errors';
import type { SqlDialect } from './dialect';

/** A DataSource that is not connected yet. Missing packages are told with the command that installs them. */
export async function newDataSource(options: DataSourceOptions, driverPackage: string): Promise<DataSource> {
  const typeorm = await importTypeOrm(driverPackage);
  try {
    return new typeorm.DataSource(options);
  } catch (error) {
    throw new MissingDriverError(driverPackage, options.type, { cause: error });
  }
}

export async function initialized(dataSource: DataSource, dialect: SqlDialect): Promise<void> {
  try {
    await dataSource.initialize();
  } catch (error) {
    throw dialect.faults.reported(error);
  }
}

async function importTypeOrm(backend: string): Promise<typeof import('typeorm')> {
  try {
    return await import('typeorm');
  } catch (error) {
    throw new MissingDriverError('typeorm', backend, { cause: error });
  }
}
