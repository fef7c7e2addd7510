import { Injectable } from '@nestjs/common';
import { EventsGoneError, type FoundJob, JobQueueService } from 'nestjs-simple-job-queue';
import { exhaustMap, from, merge, type Observable, share, timer } from 'rxjs';
import { type Picture, pictureOf } from './picture';
import { type Thumbnail, type ThumbnailJob, thumbnails } from './thumbnail-job';

/** How often the web process looks at the jobs that have not ended. A worker says how far one is once a second. */
const MILLISECONDS_BETWEEN_LOOKS = 500;

@Injectable()
export class PicturesService {
  constructor(private readonly queue: JobQueueService) {}

  /** One look serves all browsers, and nobody looks when none listens. */
  private readonly unfinished = timer(0, MILLISECONDS_BETWEEN_LOOKS).pipe(
    exhaustMap(() => this.look()),
    share(),
  );

  add(pictures: readonly ThumbnailJob[]): Promise<string[]> {
    return this.queue.addJobs(
      thumbnails,
      pictures.map((payload) => ({ payload })),
    );
  }

  /** Whether there was still something to cancel. */
  cancel(id: string): Promise<boolean> {
    return this.queue.cancelJob(id, 'cancelled on the page');
  }

  /** First all pictures that there are, then what becomes of them; until the signal aborts. */
  news(signal: AbortSignal): Observable<Picture[]> {
    return merge(this.unfinished, from(this.ended('oldest', signal)));
  }

  private async look(): Promise<Picture[]> {
    const states = ['ready', 'delayed', 'reserved', 'buried'] as const;
    const jobs = await Promise.all(states.map((state) => this.queue.peek(thumbnails, state, { limit: 100 })));
    return Promise.all(jobs.flat().map(async (job) => pictureOf(job, await this.madeOf(job))));
  }

  /** Nothing is asked of a job that waits: it has not begun. */
  private async madeOf({ id, state }: FoundJob): Promise<Thumbnail[] | undefined> {
    return state === 'ready' ? [] : this.queue.progress<Thumbnail[]>(id);
  }

  /** Those that are kept, and those to come. */
  private async *ended(after: string, signal: AbortSignal): AsyncGenerator<Picture[], void, void> {
    try {
      for await (const { job } of this.queue.events(thumbnails, { after, signal }))
        yield [pictureOf(job, job.result as Thumbnail[] | undefined)];
    } catch (error) {
      if (!(error instanceof EventsGoneError)) throw error;
      // Some are kept no longer: there is nothing to show of them.
      yield* this.ended(error.next, signal);
    }
  }
}
