import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { typeOrmBackend } from 'nestjs-simple-job-queue/typeorm';
import { databaseOptions } from './database';
import { Report } from './reports/report';
import { ReportProcessor } from './reports/report.processor';

@Module({
  imports: [
    TypeOrmModule.forRootAsync({ useFactory: () => databaseOptions({ synchronize: false }) }),
    TypeOrmModule.forFeature([Report]),
    JobQueueModule.forRoot({ backend: typeOrmBackend() }),
  ],
  providers: [ReportProcessor],
})
export class WorkerModule {}
