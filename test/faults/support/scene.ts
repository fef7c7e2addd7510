import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomPipeline } from '../../support/pipelines';
import { itSideBySide } from '../../support/side-by-side';
import { type TemporaryFolder, temporaryFolder } from '../../support/temporary-folder';
import { until } from '../../support/until';
import { WorkerProcess } from '../../support/worker-process';
import { Journal, type JournalEvent, steadyClock } from './journal';
import { Ledger } from './ledger';
import { type Deed, Producer } from './producer';
import { writeRow } from './row';
import type { System } from './system';
import { Verdict } from './verdict';

export const WORKER = join(__dirname, 'worker.ts');
const SECONDS_TO_RECOVER = 30;
/** Until several servers have agreed who is left. */
const SECONDS_TO_FAIL_OVER = 60;

/** The stage of one fault: the jobs, the workers that meet it, and what has to be true when it is over. */
export class Scene {
  readonly pipeline = randomPipeline();
  readonly journal: Journal;
  private readonly processes: WorkerProcess[] = [];
  /** Processes that ended without a chance to settle what they held. */
  private readonly dead = new Set<number>();
  private faultEndedAt = steadyClock();

  private readonly producers: Producer[] = [];
  private readonly ledger = new Ledger();

  private constructor(
    private readonly system: System,
    private readonly folder: TemporaryFolder,
  ) {
    this.journal = new Journal(this.path('journal'));
  }

  static async open(system: System): Promise<Scene> {
    const scene = new Scene(system, await temporaryFolder('fault'));
    await scene.producerAt(scene.url);
    return scene;
  }

  get url(): string {
    return this.system.url(this.folder.path);
  }

  /** The one that reaches the system as usual. */
  get producer(): Producer {
    const [first] = this.producers;
    if (!first) throw new Error('The scene was not opened.');
    return first;
  }

  async producerAt(url: string): Promise<Producer> {
    const producer = await Producer.open(url, this.pipeline, this.ledger);
    this.producers.push(producer);
    return producer;
  }

  path(name: string): string {
    return join(this.folder.path, name);
  }

  /** What a process needs to work in this scene. */
  get environment(): NodeJS.ProcessEnv {
    return { JOB_QUEUE_URL: this.url, PIPELINE: this.pipeline, JOURNAL: this.journal.path };
  }

  /** A worker that is ready. */
  async worker(environment: NodeJS.ProcessEnv = {}): Promise<WorkerProcess> {
    const worker = this.startProcess(WORKER, environment);
    await worker.prints('Worker is ready');
    return worker;
  }

  /** A process in this scene; `through` is a command that becomes it. */
  startProcess(file: string, environment: NodeJS.ProcessEnv, through: readonly string[] = []): WorkerProcess {
    const started = new WorkerProcess(file, {
      environment: { ...this.environment, ...environment },
      through,
    });
    this.processes.push(started);
    return started;
  }

  /** Waits until so many jobs in all have come that far, in one worker or in any. */
  async sees(count: number, event: JournalEvent, worker?: WorkerProcess): Promise<void> {
    await until(`${count} jobs are ${event}`, () => this.count(event, worker) >= count, {
      within: secondsToRecover(this.system),
    });
  }

  /** Waits until so many jobs more than now have come that far. */
  seesMore(more: number, event: JournalEvent): Promise<void> {
    return this.sees(this.count(event) + more, event);
  }

  /** Kills a worker, with all that it holds. */
  async kill(worker: WorkerProcess): Promise<void> {
    worker.signal('SIGKILL');
    await this.sudden(worker);
  }

  /** Waits until a worker has ended at once, with all that it held, and answers its exit code. */
  async sudden(worker: WorkerProcess): Promise<unknown> {
    const code = await worker.exitCode();
    this.mourn(worker.pid);
    return code;
  }

  /** That process ended, with all that it held. */
  mourn(pid: number): void {
    this.dead.add(pid);
    this.faultIsOver();
  }

  /** Adds jobs the while, one after the other. */
  async producing(deed: Deed, act: () => Promise<unknown>, producer = this.producer): Promise<void> {
    const stop = new AbortController();
    const adding = producer.addUntil(stop.signal, deed);
    try {
      await act();
    } finally {
      stop.abort();
      await adding;
    }
  }

  /** Lets the jobs end that last until the file `released` exists. */
  async release(): Promise<void> {
    await writeFile(this.path('released'), '');
  }

  /** From here on the time of recovery counts. */
  faultIsOver(): void {
    this.faultEndedAt = steadyClock();
  }

  /** Waits until no job is left to be done; then every one was handled or is buried, and none twice without need. */
  async endsWell(fault: string): Promise<void> {
    const { added, doubtful } = this.ledger;
    const verdict = await until('every job is handled or buried', () => this.finalVerdict(), {
      within: secondsToRecover(this.system),
    });
    const recovery = steadyClock() - this.faultEndedAt;
    const done = new Set([...verdict.handled, ...verdict.buried]);
    const lost = added.filter((task) => !done.has(task));
    const { mayBeTwice, twice, wronglyTwice } = verdict;
    writeRow({
      fault,
      backend: this.system.name,
      added: added.length,
      doubtful: doubtful.length,
      handled: verdict.handled.size,
      buried: verdict.buried.size,
      mayBeTwice,
      twice,
      lost: lost.length,
      recovery,
      ...(this.system.ofSeveral && { pause: this.journal.longestPause() }),
    });
    expect({ lost, wronglyTwice }).toEqual({ lost: [], wronglyTwice: [] });
    expect(await this.producer.queue.getBuriedCount(this.pipeline)).toBe(verdict.buried.size);
  }

  private count(event: JournalEvent, worker?: WorkerProcess): number {
    return this.journal.entries(event).filter(({ pid }) => worker === undefined || pid === worker.pid).length;
  }

  private async finalVerdict(): Promise<Verdict> {
    const stats = await this.producer.queue.stats(this.pipeline);
    expect(stats).toMatchObject({ ready: 0, delayed: 0, reserved: 0 });
    const verdict = new Verdict(this.journal.entries(), this.dead);
    expect(verdict.running).toEqual([]);
    return verdict;
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.kill()));
    await Promise.all(this.producers.map((producer) => producer.close()));
    await this.folder.remove();
  }
}

function secondsToRecover({ ofSeveral }: System): number {
  return ofSeveral ? SECONDS_TO_RECOVER + SECONDS_TO_FAIL_OVER : SECONDS_TO_RECOVER;
}

/** A test of one fault, and its row in the table. */
export function itSurvives(fault: string, system: System, act: Act): void {
  it(`survives: ${fault}`, () => survive(fault, system, act), secondsFor(system) * 1000);
}

/** A test of each fault; their scenes are on at the same time. */
export function itSurvivesAll(faults: readonly (readonly [fault: string, act: Act])[], system: System): void {
  itSideBySide(
    faults.map(([fault, act]) => [`survives: ${fault}`, () => survive(fault, system, act)]),
    secondsFor(system),
  );
}

type Act = (scene: Scene) => Promise<void>;

function secondsFor({ ofSeveral }: System): number {
  return ofSeveral ? 180 : 60;
}

async function survive(fault: string, system: System, act: Act): Promise<void> {
  const scene = await Scene.open(system);
  try {
    await act(scene);
    await scene.endsWell(fault);
  } finally {
    await scene.close();
  }
}
