import {
  BackendClosedError,
  type Features,
  type Leases,
  type NewJob,
  PutIncompleteError,
  type PutResult,
  type QueueBackend,
  UnsupportedByBackendError,
} from 'nestjs-simple-job-queue';
import { FileAdmin } from './file-admin';
import { FileInspector } from './file-inspector';
import { FileLeases } from './file-leases';
import { JobFolder } from './job-folder';

/*
 * A backend as somebody else may write one: by docs/contract.md, docs/development.md and the types that the package
 * exports, with nothing imported from its inside. A toy, with a file for each job and for one process at a time.
 */
export class FileBackend implements QueueBackend {
  readonly name = 'files';
  readonly inspect = new FileInspector(() => this.open());
  readonly admin = new FileAdmin(() => this.open());
  readonly features: Features = {};
  private folder: JobFolder | undefined;

  constructor(private readonly path: string) {}

  async connect(): Promise<void> {
    this.folder ??= new JobFolder(this.path);
  }

  async close(): Promise<void> {
    this.folder = undefined;
  }

  async put(pipeline: string, jobs: readonly NewJob[]): Promise<PutResult[]> {
    const folder = this.open();
    if (jobs.some(({ unique }) => unique !== undefined)) {
      throw new UnsupportedByBackendError(this.name, 'keep unique keys', 'add the job without one');
    }
    const stored: string[] = [];
    try {
      for (const job of jobs) stored.push(folder.add(pipeline, job));
    } catch (cause) {
      if (stored.length === 0) throw cause;
      throw new PutIncompleteError(stored, jobs.length, { cause });
    }
    return stored.map((id) => ({ id, existed: false }));
  }

  async lease(pipelines: readonly string[]): Promise<Leases> {
    return new FileLeases(this.open(), pipelines);
  }

  private open(): JobFolder {
    if (!this.folder) throw new BackendClosedError(this.name);
    return this.folder;
  }
}
