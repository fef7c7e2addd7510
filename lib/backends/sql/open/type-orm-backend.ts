import { DataSource } from 'typeorm';
import type { OptionNames } from '../../../core/checks/options';
import type { BackendProvider } from '../../../core/contract/backend';
import type { Logger } from '../../../core/contract/logger';
import { SqlBackend } from '../engine/sql-backend';
import { checkedSqlOptions, SQL_OPTIONS, type SqlOptions } from './sql-options';
import { systemOfDataSource } from './sql-systems';

export interface TypeOrmBackendOptions extends SqlOptions {
  /**
   * The application's DataSource, or its name in `TypeOrmModule.forRoot({ name })`. The queue never closes it. Beside a
   * SQLite one, the queue opens a connection of its own to the same file.
   *
   * @default 'default'
   */
  readonly dataSource?: DataSource | string;
  /** @default the application's, under the name of the queue */
  readonly logger?: Logger;
}

const OPTIONS: OptionNames<TypeOrmBackendOptions> = { ...SQL_OPTIONS, dataSource: true, logger: true };

/**
 * The queue in the database of the application's own DataSource.
 *
 * @throws {UnsupportedServerError} for a DataSource of a database that the queue does not know
 * @example
 * JobQueueModule.forRoot({ backend: typeOrmBackend() })
 */
export function typeOrmBackend(
  options: TypeOrmBackendOptions & { readonly dataSource: DataSource },
): SqlBackend;
export function typeOrmBackend(
  options?: TypeOrmBackendOptions & { readonly dataSource?: string },
): BackendProvider;
export function typeOrmBackend(given: TypeOrmBackendOptions = {}): SqlBackend | BackendProvider {
  const options = checkedSqlOptions(given, OPTIONS);
  const { dataSource = 'default' } = options;
  if (typeof dataSource !== 'string') return backendOn(dataSource, options);
  return {
    inject: [tokenOf(dataSource)],
    useFactory: (injected: DataSource) => backendOn(injected, options),
  };
}

function backendOn(dataSource: DataSource, options: TypeOrmBackendOptions): SqlBackend {
  const { logger: own, migrate = true } = options;
  const system = systemOfDataSource(dataSource.options.type);
  return new SqlBackend(
    system,
    async (given) => {
      const logger = own ?? given;
      return { ...(await system.openOn(dataSource, options, logger)), logger };
    },
    migrate,
    system.hasTransactionsOn(dataSource),
  );
}

/** The token under which `@nestjs/typeorm` provides a DataSource: the class itself for the default one, a name for others. */
function tokenOf(name: string): unknown {
  return name === 'default' ? DataSource : `${name}DataSource`;
}
