import type { BaseAdapter } from '@bull-board/api/dist/queueAdapters/base.js';
import { DEFAULT_QUEUE } from '../nest/options/job-queue.tokens';
import type { BoardRequest, BoardSettings } from './board-options';
import { PayloadView } from './jobs/payload-view';
import { PipelineAdapter } from './pipeline-adapter';
import { QueueReader } from './queue-reader';
import type { ShownQueue } from './shown-queue';

/** The part of bull-board that takes queues. */
export interface Board {
  addQueue(queue: BaseAdapter): void;
  removeQueue(name: string): void;
}

/** Keeps the pipelines of a queue on a board, as they come. */
export class ShownPipelines {
  private readonly reader: QueueReader;
  private readonly view: PayloadView;
  private readonly prefix: string;
  /** By pipeline. */
  private readonly adapters = new Map<string, PipelineAdapter>();
  /** What the reader has answered last. */
  private now: ReadonlyMap<string, unknown> | undefined;

  constructor(
    private readonly board: Board,
    private readonly shown: ShownQueue,
    private readonly settings: BoardSettings,
    private readonly opensTo: (request: BoardRequest) => Promise<boolean>,
  ) {
    this.reader = new QueueReader(shown, settings.pipelines);
    this.view = new PayloadView(settings.payloads, shown.codec);
    this.prefix = shown.name === DEFAULT_QUEUE ? '' : `${shown.name}:`;
  }

  get none(): boolean {
    return this.adapters.size === 0;
  }

  /** Puts those on the board that are new, and takes those away that were removed on it. */
  async refresh(): Promise<void> {
    const now = await this.reader.pipelines();
    // bull-board asks for each pipeline by itself.
    if (now === this.now) return;
    this.now = now;
    for (const pipeline of now.keys()) if (!this.adapters.has(pipeline)) this.add(pipeline);
    for (const [pipeline, adapter] of this.adapters) {
      if (now.has(pipeline)) continue;
      this.adapters.delete(pipeline);
      this.board.removeQueue(adapter.getName());
    }
  }

  /** Whatever was read a moment ago: where nothing is shown, the first job is to appear at once. */
  async lookAgain(): Promise<void> {
    this.reader.changed();
    await this.refresh();
  }

  private add(pipeline: string): void {
    const { reader, view, prefix } = this;
    const adapter = new PipelineAdapter({
      queue: this.shown.queue,
      backend: this.shown.backend,
      reader,
      view,
      prefix,
      pipeline,
      readOnly: this.settings.readOnly,
      changed: () => reader.changed(),
      visibleTo: (request) => this.visibleTo(pipeline, request),
    });
    this.adapters.set(pipeline, adapter);
    this.board.addQueue(adapter);
  }

  private async visibleTo(pipeline: string, request: BoardRequest): Promise<boolean> {
    if (!(await this.opensTo(request))) return false;
    // bull-board is going through its queues while it asks: it meets those that are added now, too.
    await this.refresh().catch(() => undefined);
    return this.adapters.has(pipeline);
  }
}
