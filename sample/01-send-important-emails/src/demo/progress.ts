import { SingleBar } from 'cli-progress';
import type { PipelineStats } from 'nestjs-simple-job-queue';

/** Shows how far the jobs are, as often as it is told. */
export interface Progress {
  show(stats: PipelineStats): void;
  end(): void;
}

/** A bar in a terminal, plain lines elsewhere. */
export function progressOf(jobs: number, output: NodeJS.WriteStream): Progress {
  return output.isTTY ? new ProgressBar(jobs, output) : new ProgressLines(jobs, output);
}

/** Jobs that will not move by themselves any more are gone or buried; these are the others. */
export function openJobs({ ready, delayed, reserved }: PipelineStats): number {
  return ready + delayed + reserved;
}

class ProgressBar implements Progress {
  private readonly bar: SingleBar;

  constructor(
    private readonly jobs: number,
    stream: NodeJS.WriteStream,
  ) {
    this.bar = new SingleBar({
      stream,
      format: '{bar} {value}/{total} done, {delayed} delayed, {reserved} running',
      barCompleteChar: '█',
      barIncompleteChar: '░',
    });
    this.bar.start(jobs, 0, { delayed: 0, reserved: 0 });
  }

  show(stats: PipelineStats): void {
    this.bar.update(this.jobs - openJobs(stats), { delayed: stats.delayed, reserved: stats.reserved });
  }

  end(): void {
    this.bar.stop();
  }
}

const MILLISECONDS_BETWEEN_LINES = 500;

class ProgressLines implements Progress {
  private last = '';
  private nextAt = 0;

  constructor(
    private readonly jobs: number,
    private readonly output: NodeJS.WritableStream,
  ) {}

  show(stats: PipelineStats): void {
    const now = performance.now();
    const line = `${this.jobs - openJobs(stats)}/${this.jobs} done, ${stats.delayed} delayed, ${stats.reserved} running\n`;
    if (line === this.last || (now < this.nextAt && openJobs(stats) > 0)) return;
    this.last = line;
    this.nextAt = now + MILLISECONDS_BETWEEN_LINES;
    this.output.write(line);
  }

  end(): void {}
}
