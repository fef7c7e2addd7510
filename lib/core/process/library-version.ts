import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Undefined where a bundler has taken the library out of its package. */
export function libraryVersion(): string | undefined {
  try {
    const manifest = readFileSync(join(__dirname, '../../../package.json'), 'utf8');
    const { name, version } = JSON.parse(manifest) as { name?: unknown; version?: unknown };
    return name === 'nestjs-simple-job-queue' && typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}
