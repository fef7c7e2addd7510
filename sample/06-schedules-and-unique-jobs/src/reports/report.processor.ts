import { type Job, Process, Processor } from 'nestjs-simple-job-queue';
import { Journal } from '../journal';

@Processor()
export class ReportProcessor {
  constructor(private readonly journal: Journal) {}

  /** At three in Berlin, whatever its clocks do. */
  @Process('nightly_report', { cron: '0 3 * * *', timeZone: 'Europe/Berlin' })
  write({ slot }: Job): void {
    this.journal.note(`the report is written, at ${slot?.toISOString().slice(11, 16)} in UTC`);
  }
}
