import { Injectable, NotFoundException } from '@nestjs/common';
import { JobQueueService } from 'nestjs-simple-job-queue';
import { concatMap, distinctUntilChanged, from, type Observable, switchMap, takeWhile, timer } from 'rxjs';
import { DataSource } from 'typeorm';
import { Report } from './report';
import { reports } from './report-job';

/** How often the web process looks how far a report is: in the database, which both processes have. */
const MILLISECONDS_BETWEEN_LOOKS = 50;

/** What a browser is told. */
export type Progress = { readonly page: number; readonly of: number } | { readonly text: string };

@Injectable()
export class ReportsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: JobQueueService,
  ) {}

  /** The report and its job are there together, or neither is. */
  order(reader: string, pages: number): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const { id } = await manager.save(Report, { reader, pages });
      await this.queue.addJob(reports, { reportId: id }, { manager });
      return id;
    });
  }

  async find(id: number): Promise<Report> {
    const report = await this.dataSource.getRepository(Report).findOneBy({ id });
    if (!report) throw new NotFoundException(`There is no report ${id}`);
    return report;
  }

  /** Every page that is written from now on, and the text; then it ends. */
  progress(id: number): Observable<Progress> {
    let told = 0;
    return timer(0, MILLISECONDS_BETWEEN_LOOKS).pipe(
      switchMap(() => this.find(id)),
      distinctUntilChanged((one, other) => one.written === other.written && one.text === other.text),
      takeWhile(({ text }) => text === null, true),
      concatMap(({ written, pages, text }) => {
        const news: Progress[] = [];
        while (told < written) news.push({ page: (told += 1), of: pages });
        return from(text === null ? news : [...news, { text }]);
      }),
    );
  }
}
