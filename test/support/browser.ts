import { type Browser, chromium } from 'playwright-core';
import { type DebianPackage, installMissing } from './servers/debian-package';
import { folderOf, isInstalled } from './servers/installed-program';

const PROGRAM = 'chromium';

const packages: readonly DebianPackage[] = [
  { name: 'chromium', isInstalled: () => isInstalled(PROGRAM) },
  // Without any, letters are boxes.
  { name: 'fonts-dejavu-core', isInstalled: () => isInstalled(PROGRAM) },
];

/** Debian's chromium without a window, installed when it is missing. The root user may not have a sandbox. */
export async function startBrowser(): Promise<Browser> {
  installMissing(packages);
  return chromium.launch({
    executablePath: `${folderOf(PROGRAM) ?? '/usr/bin'}/${PROGRAM}`,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
}
