import { Controller, Get } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { JobQueueHealthIndicator } from 'nestjs-simple-job-queue/terminus';

@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly jobQueue: JobQueueHealthIndicator,
  ) {}

  /** Whether the process runs: it is restarted when not. A database that is away is no reason. */
  @Get('live')
  live(): { status: string } {
    return { status: 'ok' };
  }

  /** Whether it may get requests, and whether somebody should look at the queue. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.jobQueue.check('queue', { maxBuried: 0, maxOldestReady: '5m' })]);
  }
}
