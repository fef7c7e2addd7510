import { setTimeout as sleep } from 'node:timers/promises';
import { InjectRepository } from '@nestjs/typeorm';
import { type JobOf, Process, Processor } from 'nestjs-simple-job-queue';
import type { Repository } from 'typeorm';
import { Report } from './report';
import { reports } from './report-job';

/** Stands for what takes long. */
const MILLISECONDS_A_PAGE = 100;

@Processor({ concurrency: 2 })
export class ReportProcessor {
  constructor(@InjectRepository(Report) private readonly repository: Repository<Report>) {}

  @Process(reports)
  async write({ payload: { reportId: id }, signal }: JobOf<typeof reports>): Promise<void> {
    const { pages, written, reader } = await this.repository.findOneByOrFail({ id });
    // A report that a dead worker has begun goes on where it was.
    for (let page = written + 1; page <= pages; page += 1) {
      await sleep(MILLISECONDS_A_PAGE, undefined, { signal });
      await this.repository.update(id, { written: page });
    }
    await this.repository.update(id, { text: `${pages} pages for ${reader}` });
  }
}
