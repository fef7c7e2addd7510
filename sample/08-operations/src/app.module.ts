import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { JobQueueBoardModule } from 'nestjs-simple-job-queue/bull-board';
import { openTelemetry } from 'nestjs-simple-job-queue/opentelemetry';
import { JobQueueHealthIndicator } from 'nestjs-simple-job-queue/terminus';
import { HealthController } from './health/health.controller';
import { MailsController } from './mails/mails.controller';
import { MailsProcessor } from './mails/mails.processor';
import { MetricsController } from './telemetry/metrics.controller';

/** Who may see the board: a real application asks its own users. */
export const ADMIN = `Basic ${btoa(`admin:${process.env['ADMIN_PASSWORD'] ?? 'admin'}`)}`;

/** JOB_QUEUE_URL says where the queue is. */
@Module({
  imports: [
    JobQueueModule.forRoot({ telemetry: openTelemetry({ process: 'parent' }) }),
    JobQueueBoardModule.forRoot({
      route: '/board',
      challenge: 'Basic realm="board"',
      authorize: ({ headers }) => headers.authorization === ADMIN,
    }),
    TerminusModule,
  ],
  controllers: [MailsController, HealthController, MetricsController],
  providers: [MailsProcessor, JobQueueHealthIndicator],
})
export class AppModule {}
