import { Injectable } from '@nestjs/common';
import { JobQueueService } from 'nestjs-simple-job-queue';
import { Journal } from '../journal';
import { indexing } from './index-job';

@Injectable()
export class DocumentsService {
  private readonly texts = new Map<string, string>();

  constructor(
    private readonly queue: JobQueueService,
    private readonly journal: Journal,
  ) {}

  /** Indexed when nobody has edited it for 10 s, but at least once a minute. */
  async edit(document: string, text: string): Promise<void> {
    this.texts.set(document, text);
    this.journal.note(`${document} is edited: ${text}`);
    await this.queue.addJob(
      indexing,
      { document },
      { delay: '10s', unique: { key: document, onConflict: 'debounce', maxWait: '1m' } },
    );
  }

  textOf(document: string): string {
    return this.texts.get(document) ?? '';
  }
}
