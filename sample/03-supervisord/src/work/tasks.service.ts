import { Injectable } from '@nestjs/common';
import { JobQueueService, type PipelineStats } from 'nestjs-simple-job-queue';
import { PIPELINES, type Task } from './task';

/** Seconds until the job of a worker that died is given to another; while a handler runs, the worker renews it. */
const TIME_TO_RUN = 5;

@Injectable()
export class TasksService {
  constructor(private readonly queue: JobQueueService) {}

  /** Resolves when the tasks are in both pipelines for good. */
  async add(tasks: readonly Task[]): Promise<void> {
    const jobs = tasks.map((payload) => ({ payload, ttr: TIME_TO_RUN }));
    for (const pipeline of PIPELINES) await this.queue.addJobs(pipeline, jobs);
  }

  /** Removes what an earlier run has left. */
  async clear(): Promise<void> {
    for (const pipeline of PIPELINES) {
      for (const state of ['ready', 'delayed', 'buried'] as const) await this.queue.clear(pipeline, state);
    }
  }

  /** Of each pipeline, in the order of `PIPELINES`. */
  stats(): Promise<PipelineStats[]> {
    return Promise.all(PIPELINES.map((pipeline) => this.queue.stats(pipeline)));
  }
}
