import { definePipeline } from 'nestjs-simple-job-queue';

/** The payload of a job: work that takes some time. */
export interface Task {
  readonly number: number;
  /** In milliseconds. */
  readonly takes: number;
}

export const MAKE_INVOICES = definePipeline<Task>('make_invoices');
export const SEND_NEWSLETTERS = definePipeline<Task>('send_newsletters');
export const PIPELINES = [MAKE_INVOICES, SEND_NEWSLETTERS];
