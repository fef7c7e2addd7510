/** What a measured job carries, about 100 bytes as JSON. */
export interface Payload {
  /** When it was added, in milliseconds of `now()` of clock.ts. */
  readonly at: number;
  readonly number: number;
  readonly to: string;
  readonly subject: string;
}

export interface AddOptions {
  /** Ready in an hour, and more urgent than the other jobs. */
  readonly delayed?: boolean;
  /** Each job has a unique key that no other one has had. */
  readonly unique?: boolean;
}

export interface WorkOptions {
  readonly pipelines: readonly string[];
  /** How many handlers of one pipeline run at once. */
  readonly concurrency: number;
  /** What the handler returns is kept, where the queue can do so. */
  readonly keep?: boolean;
  /** The option `telemetry` is set, where the queue has one. */
  readonly telemetry?: boolean;
  /** A job whose handler throws has failed for good: it is not tried again. */
  readonly handler: (payload: Payload) => void;
}

export interface Working {
  /** Resolves when what was handled is acknowledged. */
  stop(): Promise<void>;
}

/** A queue in its own process: each through its public API, as its documentation shows it. */
export interface Contender {
  /** One call, one job; resolves when the job is stored. */
  add(pipeline: string, payload: Payload, options?: Pick<AddOptions, 'unique'>): Promise<void>;
  /** As many at once as the queue's API takes in one call. */
  addBulk(pipeline: string, payloads: readonly Payload[], options?: AddOptions): Promise<void>;
  /** Only where callers who add at the same time would not do it with `add` (hand-written SQL). */
  addTogether?(pipeline: string, payloads: readonly Payload[]): Promise<void>;
  work(options: WorkOptions): Promise<Working>;
  /** A page of the pipeline's kept jobs, the newest first: how many they are. Only where some are kept. */
  history?(pipeline: string): Promise<number>;
  /** Serves a page that shows all jobs, and tells where. Only where there is one. */
  openBoard?(): Promise<string>;
  /** Jobs of the pipeline that are neither done nor failed. */
  left(pipeline: string): Promise<number>;
  close(): Promise<void>;
}

/** What a file in contenders/ and peers/ exports. */
export interface ContenderModule {
  /** Makes tables where they are missing. The settings are those of the catalogue. */
  readonly open: (url: string, settings: Settings) => Promise<Contender>;
}

/** What the catalogue tells a contender beside the URL. */
export type Settings = Readonly<Record<string, string | number | boolean>>;
