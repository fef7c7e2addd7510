import { definePipeline } from 'nestjs-simple-job-queue';

export const indexing = definePipeline<{ readonly document: string }>('index_document');
