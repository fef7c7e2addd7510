import { appendFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';

/** What a worker did with a task, in this order; `deleted` once the queue has said so. */
export type Step = 'started' | 'done' | 'deleted';

/**
 * Where all workers write down what they do, to be looked through afterwards: RESULT_FILE, one line a step, with
 * the worker's process id. Without it nothing is written.
 */
@Injectable()
export class ResultFile {
  private readonly path = process.env['RESULT_FILE'];

  append(step: Step, pipeline: string, number: number): void {
    // One write in append mode, so that the lines of several processes do not mix.
    if (this.path) appendFileSync(this.path, `${step} ${process.pid} ${pipeline} ${number}\n`);
  }
}
