import { type DynamicModule, Module } from '@nestjs/common';
import type { JobQueueOptions } from '../nest/module/job-queue-core.module';
import { JobQueueModule } from '../nest/module/job-queue.module';
import { getRuntimeHandlersToken } from '../nest/options/job-queue.tokens';
import type { RuntimeHandlers } from '../nest/workers/runtime-handlers';
import { JobQueueTester, type JobQueueTesterOptions } from './job-queue-tester';

export type JobQueueTestingOptions = Omit<JobQueueOptions, 'backend' | 'workers' | 'name'> &
  Omit<JobQueueTesterOptions, 'codec'>;

/** Stands for `JobQueueModule` in a test; `module.get(JobQueueTester)` shows and drives the queue. */
@Module({})
export class JobQueueTestingModule {
  static forRoot({
    queue,
    inline,
    transaction,
    now,
    ...options
  }: JobQueueTestingOptions = {}): DynamicModule {
    const tester = new JobQueueTester({
      ...(queue !== undefined && { queue }),
      ...(inline !== undefined && { inline }),
      ...(transaction && { transaction }),
      ...(now !== undefined && { now }),
      ...(options.codec && { codec: options.codec }),
    });
    const name = queue === undefined ? {} : { name: queue };
    return {
      module: JobQueueTestingModule,
      global: true,
      imports: [JobQueueModule.forRoot({ ...options, ...name, backend: tester.backend, workers: false })],
      providers: [
        {
          provide: JobQueueTester,
          inject: [getRuntimeHandlersToken(queue ?? 'default')],
          useFactory: (handlers: RuntimeHandlers) => tester.attach(handlers),
        },
      ],
      exports: [JobQueueTester],
    };
  }
}
