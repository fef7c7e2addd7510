import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Job, JobQueueModule, JobQueueService, Process, Processor } from 'nestjs-simple-job-queue';

/** The test counts it up, as somebody who saves the file does. */
const EDITION: number = 1;

@Processor('reports')
class ReportProcessor {
  /** That of the first edition ends with its signal, as a request or a query does that was given it. */
  @Process()
  async write({ id, attempt, signal }: Job): Promise<void> {
    console.log(`edition ${EDITION} runs job ${id}, attempt ${attempt}`);
    if (EDITION === 1)
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    console.log(`edition ${EDITION} ends job ${id}`);
  }
}

@Module({ imports: [JobQueueModule.forRoot()], providers: [ReportProcessor] })
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule);
  app.enableShutdownHooks();
  await app.listen(Number(process.env['PORT']));
  if (EDITION === 1) await app.get(JobQueueService).addJob('reports', 1);
}

void main();
