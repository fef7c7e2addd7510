import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const MEMORY = '/dev/shm';
/** In bytes: far more than all servers of a run have at a time. */
const ROOM = 8 * 2 ** 30;

/**
 * Where servers keep their data: in memory, if there is room, because they spend half their time waiting for a disk.
 * They sync as usual, and a killed process leaves the same files there; only a machine without power would not, and
 * no test has that.
 */
export function dataPlace(): string {
  return roomIn(MEMORY) >= ROOM ? MEMORY : tmpdir();
}

function roomIn(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    // Not every system has it.
    return 0;
  }
}
