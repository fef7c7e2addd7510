import type { QueueBackend } from '../../core/contract/backend';

/** A connected backend for one run of the suite, and how to be rid of it. It may share a server with others. */
export interface OpenedBackend {
  readonly backend: QueueBackend;
  close(): Promise<void>;
}

export type OpenBackend = () => Promise<OpenedBackend>;
