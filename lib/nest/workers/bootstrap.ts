import type { ModulesContainer } from '@nestjs/core';

interface Bootstrapped {
  onApplicationBootstrap?: () => unknown;
}

/**
 * The end of an application's bootstrap. Nest has no hook that comes after every `onApplicationBootstrap`: it calls
 * those of the modules one after the other, the root module last, and of a module the one of its class last. That
 * one is continued.
 */
export class Bootstrap {
  constructor(private readonly modules: ModulesContainer) {}

  /** Runs the task at the end. When it rejects, the application does not start. */
  atEnd(task: () => Promise<void>): void {
    const last = this.lastModule();
    const own = last.onApplicationBootstrap?.bind(last);
    last.onApplicationBootstrap = async () => {
      await own?.();
      await task();
    };
  }

  private lastModule(): Bootstrapped {
    const modules = [...this.modules.values()]
      .sort((one, other) => other.distance - one.distance)
      .filter(({ metatype, providers }) => providers.get(metatype)?.isDependencyTreeStatic());
    return modules.at(-1)!.instance as Bootstrapped;
  }
}
