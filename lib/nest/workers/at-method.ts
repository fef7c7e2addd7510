import { ProcessorMisconfiguredError } from '../../core/contract/errors';

/** What is wrong with a handler's options is told beside its class and method. @throws ProcessorMisconfiguredError */
export function atMethod<T>(where: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new ProcessorMisconfiguredError(`${where}: ${(error as Error).message}`);
  }
}
