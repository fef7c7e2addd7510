import type { INestApplicationContext, ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import type { JobQueueOptions } from '../../lib/nest/module/job-queue-core.module';

const open: INestApplicationContext[] = [];

/** An application of these parts, started; to be closed with `closeApplications` after the test. */
export async function application(metadata: ModuleMetadata): Promise<INestApplicationContext> {
  class RootModule {}
  const app = await NestFactory.createApplicationContext(
    { module: RootModule, ...metadata },
    { logger: false, abortOnError: false },
  );
  open.push(app);
  return app;
}

/** An application with a queue in memory and these providers. */
export async function queueApplication(
  providers: ModuleMetadata['providers'] = [],
  options: JobQueueOptions = {},
): Promise<{ app: INestApplicationContext; queue: JobQueueService }> {
  const app = await application({
    imports: [JobQueueModule.forRoot({ backend: memoryBackend(), ...options })],
    providers,
  });
  return { app, queue: app.get(JobQueueService) };
}

export async function closeApplications(): Promise<void> {
  await Promise.all(open.splice(0).map((app) => app.close()));
}
