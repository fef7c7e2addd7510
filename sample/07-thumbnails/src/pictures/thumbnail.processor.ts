import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BuryJob, type JobOf, Process, Processor } from 'nestjs-simple-job-queue';
import sharp from 'sharp';
import { THUMBNAILS, UPLOADS } from './folders';
import { SIZES, type Thumbnail, thumbnails } from './thumbnail-job';

/** Stands for larger pictures: without it there would be nothing to watch, and nothing to cancel. */
const MILLISECONDS_A_SIZE = 1000;

@Processor({
  concurrency: 2,
  attempts: 3,
  backoff: '2s',
  keep: { completed: { for: '1h', count: 100 }, buried: '1h' },
})
export class ThumbnailProcessor {
  /** What it returns is the job's result; what it has until then is its progress. */
  @Process(thumbnails)
  async make(job: JobOf<typeof thumbnails>): Promise<Thumbnail[]> {
    const { file } = job.payload;
    await refuseWhatIsNoPicture(file);
    const made: Thumbnail[] = [];
    for (const size of SIZES) {
      made.push(await thumbnailOf(file, size));
      job.progress(made);
      // Rejects when the job is cancelled: the handler ends here, and makes no further ones.
      await sleep(MILLISECONDS_A_SIZE, undefined, { signal: job.signal });
    }
    return made;
  }
}

/** No further attempt would make a picture of it. */
async function refuseWhatIsNoPicture(file: string): Promise<void> {
  try {
    await sharp(join(UPLOADS, file)).metadata();
  } catch (cause) {
    throw new BuryJob('This is not a picture', { cause });
  }
}

/** Safe to repeat: another attempt writes the same file. */
async function thumbnailOf(upload: string, size: number): Promise<Thumbnail> {
  const file = `${upload}-${size}.webp`;
  const { width, height } = await sharp(join(UPLOADS, upload))
    .autoOrient()
    .resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true })
    .toFile(join(THUMBNAILS, file));
  return { file, width, height };
}
