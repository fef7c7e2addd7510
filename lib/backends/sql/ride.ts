/** What a put needs to tell other processes by itself. */
export interface Ride {
  readonly channel: string;
  /** Older news to go with it, as the signals write it. */
  readonly news: readonly string[];
}
