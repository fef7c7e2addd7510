import { MissingDriverError } from '../../../core/contract/errors';

/**
 * Loads a driver that the application has to install.
 *
 * @throws {MissingDriverError} with the command that installs it
 */
export async function driverPackage<T>(
  load: () => Promise<object>,
  name: string,
  backend: string,
): Promise<T> {
  try {
    const module = (await load()) as { default?: object };
    return (module.default ?? module) as T;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new MissingDriverError(name, backend, { cause: error });
  }
}
