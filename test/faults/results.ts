import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JobQueueError, type JobQueueService } from '../../lib/index';
import { randomPipeline } from '../support/pipelines';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import { WorkerProcess } from '../support/worker-process';
import { Ledger } from './support/ledger';
import { Producer } from './support/producer';
import { ServerSystem, type System } from './support/system';

const WORKER = join(__dirname, 'support/keeping.ts');
const READER = join(__dirname, '../events/event-reader.ts');
/* For a longer run: RESULTS_SECONDS=60. */
const SECONDS = Number(process.env['RESULTS_SECONDS'] ?? 8);
const WORKERS = 3;
const SECONDS_BETWEEN_KILLS = 2;
const SECONDS_TO_RECOVER = 60;

/**
 * Workers and the reader of their events are killed, one of each every two seconds, and the server is restarted in the
 * middle, while somebody waits for each job.
 */
export function describeResults(system: System): void {
  it(
    'survives: SIGKILL of those who keep jobs and of those who read of it, and a restart of the server: each end is told once',
    () => surviveKeeping(system),
    (SECONDS + 4 * SECONDS_TO_RECOVER) * 1000,
  );
}

async function surviveKeeping(system: System): Promise<void> {
  const folder = await temporaryFolder('fault');
  const url = system.url(folder.path);
  const pipeline = randomPipeline();
  const read = new ReadEvents(join(folder.path, 'events'));
  const workers = new Crew(
    () => new WorkerProcess(WORKER, { environment: { JOB_QUEUE_URL: url, PIPELINE: pipeline } }),
  );
  const readers = new Crew(() => new WorkerProcess(READER, { args: [url, pipeline, read.file] }));
  const producer = await Producer.open(url, pipeline, new Ledger());
  const { queue } = producer;
  const waits = new Waits(queue, pipeline);
  const stop = new AbortController();
  try {
    await Promise.all([
      ...Array.from({ length: WORKERS }, () => workers.start().prints('Worker is ready')),
      readers.start().prints('reads'),
    ]);
    const adding = waits.addUntil(stop.signal);
    await breakThings(system, workers, readers);
    stop.abort();
    await adding;
    expect(await waits.failures()).toEqual([]);

    const kept = await idsKept(queue, pipeline);
    expect(new Set(kept).size).toBe(kept.length);
    expect([...waits.added.keys()].filter((id) => !kept.includes(id))).toEqual([]);
    expect(kept.length - waits.added.size).toBeLessThanOrEqual(waits.doubtful);
    expect(await queue.stats(pipeline)).toMatchObject({ ready: 0, delayed: 0, reserved: 0, buried: 0 });
    for (const [id, task] of waits.added)
      if (task % 100 === 0) expect([id, await queue.progress(id)]).toEqual([id, task]);

    await until('all events are read', () => read.lines().length >= kept.length, {
      within: SECONDS_TO_RECOVER,
    });
    const events = read.lines();
    expect(events.map(([cursor]) => Number(cursor))).toEqual(kept.map((_id, index) => index + 1));
    expect(new Set(events.map(([, id]) => id))).toEqual(new Set(kept));
    process.stdout.write(
      `${system.name}: ${SECONDS} s, ${workers.killed} workers and ${readers.killed} readers killed: ${waits.added.size} jobs added and ${waits.doubtful} in doubt, ${kept.length} in history, ${waits.added.size} waits ended, ${events.length} events read\n`,
    );
  } finally {
    stop.abort();
    await Promise.all([workers.end(), readers.end()]);
    await producer.close();
    await folder.remove();
  }
}

async function breakThings(system: System, workers: Crew, readers: Crew): Promise<void> {
  const kills = Math.floor(SECONDS / SECONDS_BETWEEN_KILLS);
  for (let kill = 1; kill <= kills; kill += 1) {
    await sleep(SECONDS_BETWEEN_KILLS * 1000);
    await Promise.all([workers.killOne(), readers.killOne()]);
    if (system instanceof ServerSystem && kill === Math.ceil(kills / 2)) {
      await system.server.kill();
      await sleep(SECONDS_BETWEEN_KILLS * 500);
      await system.server.start();
    }
  }
}

/** Processes of one kind. Whichever ends, another one takes its place: one that starts while the server is away ends, too. */
class Crew {
  killed = 0;
  private readonly processes = new Set<WorkerProcess>();
  private ended = false;

  constructor(private readonly make: () => WorkerProcess) {}

  start(): WorkerProcess {
    const one = this.make();
    this.processes.add(one);
    void one.exitCode().then(() => {
      this.processes.delete(one);
      if (!this.ended) this.start();
    });
    return one;
  }

  /** The one that has lived longest. */
  async killOne(): Promise<void> {
    const [oldest] = this.processes;
    await oldest?.kill();
    this.killed += 1;
  }

  async end(): Promise<void> {
    this.ended = true;
    await Promise.all([...this.processes].map((one) => one.kill()));
  }
}

/** Adds jobs, and waits for each of them. */
class Waits {
  /** Tasks by the ids of their jobs. */
  readonly added = new Map<string, number>();
  /** Jobs that are stored once or not at all. */
  doubtful = 0;
  private readonly ends: Promise<string | undefined>[] = [];

  constructor(
    private readonly queue: JobQueueService,
    private readonly pipeline: string,
  ) {}

  async addUntil(signal: AbortSignal): Promise<void> {
    for (let task = 1; !signal.aborted; task += 1) {
      try {
        const id = await this.queue.addJob(this.pipeline, { task }, { ttr: 5 });
        this.added.set(id, task);
        this.ends.push(this.endOf(id, task));
      } catch (error) {
        if (!(error instanceof JobQueueError && error.code === 'BACKEND_UNAVAILABLE')) throw error;
        this.doubtful += 1;
      }
      await sleep(20);
    }
  }

  /** What is wrong with the ends, when all who wait have been told. */
  async failures(): Promise<string[]> {
    return (await Promise.all(this.ends)).filter((failure) => failure !== undefined);
  }

  private async endOf(id: string, task: number): Promise<string | undefined> {
    try {
      const result = await this.queue.waitFor<{ task: number }>(id, {
        timeout: SECONDS + SECONDS_TO_RECOVER,
      });
      return result.task === task
        ? undefined
        : `Job ${id}: the result of task ${result.task} for task ${task}`;
    } catch (error) {
      return String(error);
    }
  }
}

async function idsKept(queue: JobQueueService, pipeline: string): Promise<string[]> {
  const ids: string[] = [];
  let after: { readonly id: string; readonly endedAt: Date } | undefined;
  do {
    const page = await queue.history(pipeline, { limit: 500, ...(after && { after }) });
    ids.push(...page.map(({ id }) => id));
    after = page.at(-1);
  } while (after);
  return ids;
}

/** What the reader has noted: a cursor and an id for each event. */
class ReadEvents {
  constructor(readonly file: string) {}

  lines(): string[][] {
    if (!existsSync(this.file)) return [];
    const lines = readFileSync(this.file, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => line.split(' '));
  }
}
