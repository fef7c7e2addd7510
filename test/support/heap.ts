import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How large the heap of this process is when all is collected that can be, in bytes. */
export async function heapInUse(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Finalizers and the last settlements run between macrotasks.
  for (let times = 0; times < 5; times += 1) {
    await sleep(20);
    collect();
  }
  return process.memoryUsage().heapUsed;
}
