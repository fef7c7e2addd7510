import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { typeOrmBackend } from 'nestjs-simple-job-queue/typeorm';
import { databaseOptions } from './database';
import { ReportsController } from './reports/reports.controller';
import { ReportsService } from './reports/reports.service';

/** The web process adds jobs and works on none. */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({ useFactory: () => databaseOptions({ synchronize: true }) }),
    JobQueueModule.forRoot({ backend: typeOrmBackend(), workers: false }),
  ],
  controllers: [ReportsController],
  providers: [ReportsService],
})
export class AppModule {}
