import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { QueueBackend } from '../../core/contract/backend';
import type { Reservations } from '../../core/reservations/reservations';
import type { JobPuts } from './job-puts';

/**
 * A queue's connection from the first hook of the application to the last one: anything may add jobs from its
 * own `onModuleInit` on, and until its own `beforeApplicationShutdown`.
 */
export class JobQueueConnection implements OnModuleInit, OnApplicationShutdown {
  private closing: Promise<void> | undefined;

  constructor(
    private readonly backend: QueueBackend,
    private readonly reservations: Reservations,
    private readonly puts: JobPuts,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.backend.connect();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  close(): Promise<void> {
    return (this.closing ??= this.closeAll());
  }

  private async closeAll(): Promise<void> {
    try {
      await Promise.all([this.reservations.close(), this.puts.settled()]);
    } finally {
      await this.backend.close();
    }
  }
}
