import { Injectable, NotFoundException } from '@nestjs/common';
import { JobQueueService } from 'nestjs-simple-job-queue';
import { defer, distinctUntilKeyChanged, filter, map, merge, share, switchMap, takeUntil, timer } from 'rxjs';
import type { Observable } from 'rxjs';
import { type Pages, reports } from './report-job';

/** How often the web process looks how far a report is. The worker says it once a second at most. */
const MILLISECONDS_BETWEEN_LOOKS = 250;

/** What a browser is told while a report is written. */
export type Progress = Pages | { readonly text: string };

export interface FoundReport {
  readonly state: string;
  readonly text?: string;
  readonly log: readonly string[];
}

@Injectable()
export class ReportsService {
  constructor(private readonly queue: JobQueueService) {}

  /** The job is the order: its id is that of the report. */
  order(reader: string, pages: number): Promise<string> {
    return this.queue.addJob(reports, { reader, pages });
  }

  async find(id: string): Promise<FoundReport> {
    const log = (await this.queue.logs(id)).map(({ text }) => text);
    const job = await this.queue.findJob<unknown, string>(id);
    if (!job) throw new NotFoundException(`There is no report ${id}`);
    return { state: job.state, ...(job.state === 'completed' && { text: job.result ?? '' }), log };
  }

  /** The pages as they are written, and the text; then it ends. */
  progress(id: string): Observable<Progress> {
    const text = defer(() => this.queue.waitFor<string>(id, { timeout: '1h' })).pipe(share());
    const pages = timer(0, MILLISECONDS_BETWEEN_LOOKS).pipe(
      switchMap(() => this.queue.progress<Pages>(id)),
      filter((said) => said !== undefined),
      distinctUntilKeyChanged('page'),
      takeUntil(text),
    );
    return merge(pages, text.pipe(map((text) => ({ text }))));
  }
}
