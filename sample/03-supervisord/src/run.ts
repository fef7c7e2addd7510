import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
import { DemoError } from './demo/demo.error';
import { ensureSupervisor } from './demo/installation';
import { interruption } from './demo/interruption';
import { Killer } from './demo/killer';
import { Load } from './demo/load';
import { demoOptions, USAGE } from './demo/options';
import { demandAllIsWell, table } from './demo/report';
import { Supervisord } from './demo/supervisord';
import { verdictOn } from './demo/verdict';
import { PIPELINES } from './work/task';
import { TasksService } from './work/tasks.service';

const MILLISECONDS_BETWEEN_LOOKS = 200;

/** Has supervisord run the workers, kills them at random under load, and proves that every job was done. */
async function demonstrate(seconds: number, folder: string, interrupted: AbortSignal): Promise<void> {
  process.env['JOB_QUEUE_URL'] ||= `sqlite:${join(folder, 'jobs.sqlite')}`;
  const results = join(folder, 'results');
  const app = await NestFactory.createApplicationContext(AppModule, {
    abortOnError: false,
    logger: ['warn', 'error'],
  });
  try {
    const tasks = app.get(TasksService);
    await tasks.clear();
    await using supervisord = await Supervisord.start(
      folder,
      { ...process.env, RESULT_FILE: results },
      interrupted,
    );
    console.log(
      (await supervisord.status()).map(({ name, pid }) => `${name} runs as process ${pid}`).join('\n'),
    );

    console.log(`\nFor ${seconds} s jobs are added, and about each second a worker is killed …`);
    const load = new Load(tasks);
    const killer = new Killer(supervisord);
    await during(seconds, interrupted, (over) => Promise.all([load.add(over), killer.rage(over)]));
    console.log(`${killer.killed.size} workers were killed. Waiting for the jobs that are left …`);
    await allDone(tasks, interrupted);
    // A worker that has only just been started for a killed one could not yet end in order.
    await supervisord.replaced(killer.killed, interrupted);

    const endings = await supervisord.shutdown();
    console.log(`\n$ supervisorctl shutdown\n${[...endings].map((ending) => ending.join(': ')).join('\n')}`);
    const lines = (await readFile(results, 'utf8')).split('\n');
    const verdicts = PIPELINES.map(({ name }) => verdictOn(name, load.added, lines, killer.killed));
    console.log(`\n${table(verdicts)}\n`);
    demandAllIsWell(verdicts);
    if ([...endings.values()].some((ending) => ending !== 'exit status 0')) {
      throw new DemoError('A worker did not end in order.');
    }
    console.log('Every job was done; twice only what ran in a worker that was killed.');
  } finally {
    await app.close();
  }
}

/** Has the work end after that time. On a timer: `AbortSignal.timeout()` may be collected before it aborts what depends on it. */
async function during(
  seconds: number,
  interrupted: AbortSignal,
  work: (over: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), seconds * 1000);
  interrupted.addEventListener('abort', () => over.abort(), { once: true });
  try {
    await work(over.signal);
    interrupted.throwIfAborted();
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when no job is left; a buried one is a fault. */
async function allDone(tasks: TasksService, interrupted: AbortSignal): Promise<void> {
  for (;;) {
    const stats = await tasks.stats();
    if (stats.some(({ buried }) => buried > 0)) throw new DemoError('Jobs are buried.');
    if (stats.every(({ ready, delayed, reserved }) => ready + delayed + reserved === 0)) return;
    await sleep(MILLISECONDS_BETWEEN_LOOKS);
    interrupted.throwIfAborted();
  }
}

async function main(): Promise<void> {
  const { help, seconds } = demoOptions(process.argv.slice(2));
  if (help) return console.log(`Usage: ${USAGE}`);
  ensureSupervisor();
  const folder = await mkdtemp(join(tmpdir(), 'supervisord-'));
  try {
    await demonstrate(seconds, folder, interruption());
  } catch (error) {
    console.error(`The logs are in ${folder}.`);
    throw error;
  }
  await rm(folder, { recursive: true, force: true });
}

main().catch((error: unknown) => {
  console.error(error instanceof DemoError ? error.message : error);
  process.exitCode = 1;
});
