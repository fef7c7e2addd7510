import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { QueueBackend } from '../../core/contract/backend';
import type { Logger } from '../../core/contract/logger';
import type { Reservations } from '../../core/reservations/reservations';
import type { JobWaits } from '../../core/waiting/job-waits';
import type { JobPuts } from './job-puts';

/**
 * A queue's connection from the first hook of the application to the last one: anything may add jobs from its
 * own `onModuleInit` on, and until its own `beforeApplicationShutdown`.
 */
export class JobQueueConnection implements OnModuleInit, OnApplicationShutdown {
  private unobserve: (() => void) | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly backend: QueueBackend,
    private readonly reservations: Reservations,
    private readonly puts: JobPuts,
    private readonly waits: JobWaits,
    private readonly logger: Logger,
    /** Called when it has connected; what it returns, when it closes. */
    private readonly observe: () => (() => void) | undefined = () => undefined,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.backend.connect(this.logger);
    this.unobserve = this.observe();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  close(): Promise<void> {
    return (this.closing ??= this.closeAll());
  }

  private async closeAll(): Promise<void> {
    this.unobserve?.();
    this.waits.close();
    try {
      await Promise.all([this.reservations.close(), this.puts.settled()]);
    } finally {
      await this.backend.close();
    }
  }
}
