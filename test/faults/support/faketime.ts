import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DebianPackage } from '../../support/servers/debian-package';

const LIBRARIES = '/usr/lib';

export const faketime: DebianPackage = { name: 'libfaketime', isInstalled: () => library() !== undefined };

/** The environment of a process whose clock is off: `+1h`, `-1h`. */
export function clockOff(offset: string): NodeJS.ProcessEnv {
  return {
    LD_PRELOAD: library(),
    FAKETIME: offset,
    // Timers go by the other clock of the system, which no wrong date changes.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}

/** Debian keeps it in a folder per architecture. */
function library(): string | undefined {
  return readdirSync(LIBRARIES)
    .map((folder) => join(LIBRARIES, folder, 'faketime/libfaketime.so.1'))
    .find((file) => existsSync(file));
}
