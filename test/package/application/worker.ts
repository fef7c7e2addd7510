import { Module } from '@nestjs/common';
import { JobQueueModule, runWorker } from 'nestjs-simple-job-queue';
import { GreetingProcessor } from './greeting.processor.js';

@Module({ imports: [JobQueueModule.forRoot()], providers: [GreetingProcessor] })
class WorkerModule {}

void runWorker(WorkerModule);
