import { setTimeout as sleep } from 'node:timers/promises';
import { type JobOf, JobQueueService, Process, Processor } from 'nestjs-simple-job-queue';
import { type Pages, reports } from './report-job';

/** Stands for what takes long. */
const MILLISECONDS_A_PAGE = 1000;

/** A report can be read for a day after it was written. */
@Processor({ concurrency: 2, keep: { completed: '1d' } })
export class ReportProcessor {
  constructor(private readonly queue: JobQueueService) {}

  @Process(reports)
  async write(job: JobOf<typeof reports>): Promise<string> {
    const { reader, pages } = job.payload;
    // A report that a dead worker has begun goes on at the page where it was.
    const { page: begun = 1 } = (await this.queue.progress<Pages>(job.id)) ?? {};
    job.log(`a worker begins with page ${begun}`);
    for (let page = begun; page <= pages; page += 1) {
      job.progress({ page, of: pages } satisfies Pages);
      await sleep(MILLISECONDS_A_PAGE, undefined, { signal: job.signal });
    }
    return `${pages} pages for ${reader}`;
  }
}
