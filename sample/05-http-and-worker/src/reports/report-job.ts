import { definePipeline } from 'nestjs-simple-job-queue';

export interface ReportJob {
  readonly reportId: number;
}

export const reports = definePipeline<ReportJob>('reports');
