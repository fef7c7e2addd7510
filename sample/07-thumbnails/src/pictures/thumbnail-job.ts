import { definePipeline } from 'nestjs-simple-job-queue';

export interface ThumbnailJob {
  /** In the folder of uploads. */
  readonly file: string;
  /** As its owner calls it. */
  readonly name: string;
}

export interface Thumbnail {
  /** In the folder of thumbnails. */
  readonly file: string;
  readonly width: number;
  readonly height: number;
}

export const thumbnails = definePipeline<ThumbnailJob>('thumbnails');

/** The longer side of each thumbnail, in pixels. */
export const SIZES = [64, 128, 256, 512, 1024];
