import { setTimeout as sleep } from 'node:timers/promises';
import type { Task } from '../work/task';
import type { TasksService } from '../work/tasks.service';

const MILLISECONDS_BETWEEN_BATCHES = 250;
const TASKS_IN_A_BATCH = 3;
const SHORTEST_TASK_MS = 20;
const LONGEST_TASK_MS = 150;

/** Adds tasks to both pipelines, steadily. */
export class Load {
  /** How many tasks each pipeline was given. */
  added = 0;

  constructor(private readonly tasks: TasksService) {}

  async add(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      const batch = Array.from({ length: TASKS_IN_A_BATCH }, (_, index) => task(this.added + index));
      await this.tasks.add(batch);
      this.added += batch.length;
      await sleep(MILLISECONDS_BETWEEN_BATCHES);
    }
  }
}

function task(number: number): Task {
  return { number, takes: SHORTEST_TASK_MS + Math.random() * (LONGEST_TASK_MS - SHORTEST_TASK_MS) };
}
