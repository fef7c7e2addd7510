import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CommandError } from '../command.error';

/** A run of the demonstration, which has its folder for itself until it is disposed of. */
export interface SoleRun extends AsyncDisposable {
  readonly folder: string;
}

/** Makes the folder anew. Throws `CommandError` while another run has it. */
export async function soleRun(folder: string): Promise<SoleRun> {
  const lock = `${folder}.lock`;
  await mkdir(dirname(lock), { recursive: true });
  while (!(await isTaken(lock))) {
    const owner = await ownerOf(lock);
    if (isAlive(owner)) {
      throw new CommandError(
        `Another run of this sample, process ${owner}, uses ${folder}: wait until it has ended. If there is none, delete ${lock}.`,
      );
    }
    // Its process was killed.
    await rm(lock, { force: true });
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return { folder, [Symbol.asyncDispose]: () => rm(lock, { force: true }) };
}

async function isTaken(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** 0 while it is being written. */
async function ownerOf(lock: string): Promise<number> {
  return Number(await readFile(lock, 'utf8').catch(() => '-1'));
}

function isAlive(pid: number): boolean {
  if (pid < 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
