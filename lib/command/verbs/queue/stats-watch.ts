import { messageOf } from '../../../core/checks/text';
import type { QueueBackend } from '../../../core/contract/backend';
import { BackendUnavailableError } from '../../../core/contract/errors';
import type { Seconds } from '../../../core/contract/job-data';
import { sleep } from '../../../core/time/sleep';
import type { Screen } from '../../print/screen';
import { figuresOf, figuresValue, type PipelineFigures, ratesOf } from './pipeline-figures';
import { statsColumns, statsRow, type WatchedFigures } from './stats-table';

const TO_THE_TOP = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_REST = '\u001b[J';
const CLEAR_ALL = '\u001b[2J';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/** A table of the figures that renews itself, until the reader ends it. An outage of the queue is shown, and passes. */
export class StatsWatch {
  private before: ReadonlyMap<string, PipelineFigures> = new Map();
  private lookedAt = 0;

  constructor(
    private readonly queue: QueueBackend,
    private readonly screen: Screen,
    private readonly names: readonly string[],
    private readonly interval: Seconds,
  ) {}

  async untilEnded(): Promise<void> {
    const ended = new AbortController();
    const end = () => ended.abort();
    process.once('SIGINT', end).once('SIGTERM', end);
    if (this.screen.isTerminal) this.screen.write(HIDE_CURSOR + CLEAR_ALL);
    try {
      while (!ended.signal.aborted) {
        await this.look();
        await sleep(this.interval, ended.signal);
      }
    } finally {
      if (this.screen.isTerminal) this.screen.write(SHOW_CURSOR);
      process.off('SIGINT', end).off('SIGTERM', end);
    }
  }

  private async look(): Promise<void> {
    try {
      this.show(await this.figures());
    } catch (error) {
      if (!(error instanceof BackendUnavailableError)) throw error;
      this.screen.note(messageOf(error));
    }
  }

  private async figures(): Promise<WatchedFigures[]> {
    const figures = await figuresOf(this.queue, this.names);
    const now = performance.now();
    const seconds = (now - this.lookedAt) / 1000;
    const watched = figures.map((each) => {
      const before = this.before.get(each.pipeline);
      return before ? { ...each, rates: ratesOf(each, before, seconds) } : each;
    });
    this.before = new Map(figures.map((each) => [each.pipeline, each]));
    this.lookedAt = now;
    return watched;
  }

  private show(figures: readonly WatchedFigures[]): void {
    const { screen } = this;
    const at = new Date();
    if (screen.json) {
      screen.lineOfJson({ at, pipelines: figures.map(figuresValue) });
      return;
    }
    const rows = figures.map((each) => statsRow(each, true));
    if (!screen.isTerminal) {
      screen.table(statsColumns(true), rows);
      return;
    }
    const table = screen.drawn(statsColumns(true), rows);
    const title = `${this.queue.name}, every ${this.interval} s, ${at.toLocaleTimeString()}; Ctrl-C ends it`;
    const lines = [screen.styled(title, 'dim'), '', ...table.split('\n')];
    screen.write(TO_THE_TOP + lines.map((line) => line + CLEAR_LINE).join('\n') + CLEAR_REST);
  }
}
