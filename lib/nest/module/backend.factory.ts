import { Inject, Injectable, type InjectionToken } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { read, shown } from '../../core/checks/text';
import { assembled } from '../../core/contract/assembly';
import type { BackendProvider, QueueBackend } from '../../core/contract/backend';
import { InvalidConfigurationError } from '../../core/contract/errors';

/** The backend that the option names, not yet connected. */
export async function createBackend(
  option: string | QueueBackend | BackendProvider,
  moduleRef: ModuleRef,
): Promise<QueueBackend> {
  if (typeof option === 'string') return assembled().openBackend(option);
  if (isProvider(option)) {
    const dependencies = await resolved(option.inject as readonly InjectionToken[], moduleRef);
    return option.useFactory(...(dependencies as never[]));
  }
  if (typeof read(option, 'lease') === 'function') return option;
  throw new InvalidConfigurationError(
    `backend must be a URL like 'sqlite:jobs.sqlite', or what typeOrmBackend() and its like return, got ${shown(option)}.`,
  );
}

function isProvider(option: QueueBackend | BackendProvider): option is BackendProvider {
  return typeof read(option, 'useFactory') === 'function';
}

/**
 * What Nest injects for these tokens. Through a constructor, because `moduleRef.get()` returns at once, even while a
 * provider (a DataSource that connects) is still being made.
 */
async function resolved(tokens: readonly InjectionToken[], moduleRef: ModuleRef): Promise<unknown[]> {
  @Injectable()
  class BackendDependencies {
    readonly values: unknown[];

    constructor(...values: unknown[]) {
      this.values = values;
    }
  }
  tokens.forEach((token, index) => Inject(token)(BackendDependencies, undefined, index));
  const { values } = await moduleRef.create(BackendDependencies);
  return values;
}
