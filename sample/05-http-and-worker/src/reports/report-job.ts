import { definePipeline } from 'nestjs-simple-job-queue';

export interface ReportJob {
  readonly reader: string;
  readonly pages: number;
}

/** How far a report is: what the worker says, and the web process reads. */
export interface Pages {
  readonly page: number;
  readonly of: number;
}

export const reports = definePipeline<ReportJob>('reports');
