import { NestFactory } from '@nestjs/core';
import { type Job, JobQueueModule, JobQueueService, Process, Processor } from '../../../lib/index';

/* A process that serves requests and works on jobs, as main.ts of an application does: HOOKS=1 enables the hooks. */

@Processor('mail')
class MailProcessor {
  @Process()
  async send({ signal }: Job): Promise<void> {
    process.stdout.write('handler runs\n');
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    throw signal.reason;
  }
}

class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext({
    module: AppModule,
    imports: [JobQueueModule.forRoot()],
    providers: [MailProcessor],
  });
  if (process.env['HOOKS']) app.enableShutdownHooks();
  await app.get(JobQueueService).addJob('mail', {});
}

void main();
