import { join } from 'node:path';
import { openBackend } from '../../lib/backends/open-backend';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { feature } from '../../lib/core/contract/features';
import { slotOf } from '../../lib/core/schedule/slot-headers';
import { sleep } from '../../lib/core/time/sleep';
import { temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';
import { WorkerProcess } from '../support/worker-process';
import { ServerSystem, type System } from './support/system';

const FIRING = join(__dirname, 'support/firing.ts');
/* For a longer run: FIRING_SECONDS=60. */
const SECONDS = Number(process.env['FIRING_SECONDS'] ?? 16);
const PROCESSES = Number(process.env['FIRING_PROCESSES'] ?? 10);
const SCHEDULES = Number(process.env['FIRING_SCHEDULES'] ?? 1_000);
const SECONDS_BETWEEN_KILLS = 2;

/** Processes that fire schedules of a second each are killed one after the other, and the server is restarted. */
export function describeSchedules(system: System): void {
  it(
    'survives: SIGKILL of those who fire schedules, and a restart of the server: each slot has one job',
    () => surviveFiring(system),
    (SECONDS + 150) * 1000,
  );
}

async function surviveFiring(system: System): Promise<void> {
  const folder = await temporaryFolder('fault');
  const url = system.url(folder.path);
  const processes = new Set<WorkerProcess>();
  const start = () => {
    const one = new WorkerProcess(FIRING, { environment: { JOB_QUEUE_URL: url } });
    processes.add(one);
    return one;
  };
  const backend = await openBackend(url);
  try {
    await backend.connect();
    await setAll(backend);
    const first = await nextSlots(backend);
    await Promise.all(Array.from({ length: PROCESSES }, () => start().prints('Fires')));
    await killOneByOne(processes, start, system);
    // The server's clock is this machine's.
    const end = Date.now();
    await until('all slots until now are fired', async () => (await firedUntil(backend)) > end, {
      within: 60,
    });
    await Promise.all([...processes].map((one) => one.kill()));
    const slots = await slotsOf(backend);
    const { missing, twice, jobs } = verdictOf(slots, first);
    process.stdout.write(
      `${system.name}: ${SCHEDULES} schedules, ${PROCESSES} processes, ${SECONDS} s: ${jobs} slots, ${missing} missing, ${twice} twice\n`,
    );
    expect({ schedules: slots.size, missing, twice }).toEqual({ schedules: SCHEDULES, missing: 0, twice: 0 });
    expect(jobs).toBeGreaterThan(SCHEDULES * (SECONDS - 1));
  } finally {
    await Promise.all([...processes].map((one) => one.kill()));
    await removeAll(backend);
    await backend.close();
    await folder.remove();
  }
}

async function setAll(backend: QueueBackend): Promise<void> {
  const schedules = feature(backend, 'schedules');
  for (let number = 0; number < SCHEDULES; number += 1) {
    await schedules.set({
      name: `tick-${number}`,
      pipeline: 'ticks',
      every: 1,
      timeZone: 'UTC',
      payload: 'null',
      priority: 1024,
      ttr: 60,
      missed: 'all',
      overlap: true,
      source: 'api',
    });
  }
}

async function killOneByOne(
  processes: Set<WorkerProcess>,
  start: () => WorkerProcess,
  system: System,
): Promise<void> {
  const restartAt = SECONDS / 2;
  let restarted = !(system instanceof ServerSystem);
  for (let second = 0; second < SECONDS; second += SECONDS_BETWEEN_KILLS) {
    await sleep(SECONDS_BETWEEN_KILLS);
    const [oldest] = processes;
    if (!oldest) throw new Error('No process is left.');
    processes.delete(oldest);
    await oldest.kill();
    start();
    if (restarted || second < restartAt) continue;
    restarted = true;
    const { server } = system as ServerSystem;
    await server.stop();
    await server.start();
  }
}

/** By schedule, the first slot that is not fired. */
async function nextSlots(backend: QueueBackend): Promise<Map<string, number>> {
  const all = await feature(backend, 'schedules').list({ offset: 0, limit: SCHEDULES + 1 });
  return new Map(all.map(({ name, next }) => [name, next?.getTime() ?? 0]));
}

async function firedUntil(backend: QueueBackend): Promise<number> {
  return Math.min(...(await nextSlots(backend)).values());
}

async function slotsOf(backend: QueueBackend): Promise<Map<string, number[]>> {
  const slots = new Map<string, number[]>();
  const limit = 5_000;
  for (let offset = 0; ; offset += limit) {
    const jobs = await feature(backend, 'listing').list('ticks', 'ready', { offset, limit });
    for (const job of jobs) {
      const { schedule, slot } = slotOf(job)!;
      slots.set(schedule, [...(slots.get(schedule) ?? []), slot.getTime()]);
    }
    if (jobs.length < limit) return slots;
  }
}

function verdictOf(
  slots: Map<string, number[]>,
  first: Map<string, number>,
): { missing: number; twice: number; jobs: number } {
  let missing = 0;
  let twice = 0;
  let jobs = 0;
  for (const [schedule, fired] of slots) {
    const distinct = new Set(fired);
    jobs += fired.length;
    twice += fired.length - distinct.size;
    missing += (Math.max(...fired) - first.get(schedule)!) / 1000 + 1 - distinct.size;
  }
  return { missing, twice, jobs };
}

async function removeAll(backend: QueueBackend): Promise<void> {
  const schedules = backend.features.schedules;
  const all = (await schedules?.list({ offset: 0, limit: SCHEDULES + 1 })) ?? [];
  for (const { name } of all) await schedules?.remove(name);
  await backend.admin.clear('ticks', 'ready');
}
