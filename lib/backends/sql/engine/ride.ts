import type { PipelineNews } from './news';

/** What a put needs to tell other processes by itself. */
export interface Ride {
  readonly channel: string;
  /** Older news to go with it. */
  readonly news: readonly PipelineNews[];
}
