import { type JobOf, Process, Processor } from 'nestjs-simple-job-queue';
import { Journal } from '../journal';
import { DocumentsService } from './documents.service';
import { indexing } from './index-job';

@Processor()
export class IndexProcessor {
  constructor(
    private readonly documents: DocumentsService,
    private readonly journal: Journal,
  ) {}

  @Process(indexing)
  index({ payload: { document } }: JobOf<typeof indexing>): void {
    this.journal.note(`${document} is indexed: ${this.documents.textOf(document)}`);
  }
}
