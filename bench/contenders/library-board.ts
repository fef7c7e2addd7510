import type { AddressInfo } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JobQueueModule, type QueueBackend } from 'nestjs-simple-job-queue';
import { JobQueueBoardModule } from 'nestjs-simple-job-queue/bull-board';

export interface ServedBoard {
  readonly url: string;
  close(): Promise<void>;
}

/** A web process that adds no jobs and works on none: what it does is the board's. */
export async function serveBoard(backend: string | QueueBackend): Promise<ServedBoard> {
  @Module({
    imports: [
      JobQueueModule.forRoot({ backend, workers: false }),
      JobQueueBoardModule.forRoot({ route: '/queues', authorize: () => true }),
    ],
  })
  class BoardModule {}

  const application = await NestFactory.create(BoardModule, { logger: ['fatal'] });
  await application.listen(0, '127.0.0.1');
  const { port } = (application.getHttpServer() as { address(): AddressInfo }).address();
  return { url: `http://127.0.0.1:${port}/queues`, close: () => application.close() };
}
