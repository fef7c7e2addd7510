import type { DataSource, DataSourceOptions } from 'typeorm';
import { MissingDriverError } from '../../../core/contract/errors';

/** A DataSource that is not connected yet. Missing packages are told with the command that installs them. */
export async function newDataSource(options: DataSourceOptions, driverPackage: string): Promise<DataSource> {
  const typeorm = await importTypeOrm(driverPackage);
  try {
    return new typeorm.DataSource(options);
  } catch (error) {
    if (!(error instanceof typeorm.DriverPackageNotInstalledError)) throw error;
    throw new MissingDriverError(driverPackage, options.type, { cause: error });
  }
}

async function importTypeOrm(backend: string): Promise<typeof import('typeorm')> {
  try {
    return await import('typeorm');
  } catch (error) {
    throw new MissingDriverError('typeorm', backend, { cause: error });
  }
}
