import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InvalidConfigurationError, shown } from '../../../../core/contract/errors';

export const MEMORY = ':memory:';

/**
 * The path in a `sqlite:…` URL. Throws for a URL that would quietly become another file than was meant; its message
 * does not repeat the URL, which may hold a password where a server was meant.
 */
export function pathOfUrl(url: string): string {
  const path = url.slice(url.indexOf(':') + 1);
  if (path === '') throw refused('has no path', 'use sqlite:jobs.sqlite or sqlite::memory:');
  // With an empty host, as in file:///…, a path is absolute.
  if (/^\/\/[^/]/.test(path)) {
    throw refused(
      'names a host, and SQLite has none',
      'use sqlite:jobs.sqlite for a file in the current folder, sqlite:/var/lib/jobs.sqlite for an absolute path',
    );
  }
  if (path.startsWith(':') && path !== MEMORY)
    throw refused('has a path that begins with a colon', 'use sqlite::memory: or sqlite:jobs.sqlite');
  if (/^file:/i.test(path)) throw refused('has two schemes', 'use sqlite:jobs.sqlite');
  if (/[?#]/.test(path)) throw refused('has parameters, and SQLite takes none', 'use sqlite:jobs.sqlite');
  return path;
}

function refused(problem: string, instead: string): InvalidConfigurationError {
  return new InvalidConfigurationError(`The sqlite URL ${problem}: ${instead}.`);
}

/** The absolute path of a file that can be opened, or made, and written. A missing folder is not made. */
export function checkedPath(path: string): string {
  const file = resolve(path);
  const folder = dirname(file);
  if (!existsSync(folder)) {
    throw new InvalidConfigurationError(
      `The folder ${shown(folder)} of the SQLite file does not exist: create it or correct the path.`,
    );
  }
  if (existsSync(file) && statSync(file).isDirectory()) {
    throw new InvalidConfigurationError(`${shown(file)} is a folder: name a file for SQLite.`);
  }
  // The folder too: SQLite makes the files of its log beside the database.
  for (const path of existsSync(file) ? [file, folder] : [folder]) {
    if (!isWritable(path)) {
      throw new InvalidConfigurationError(
        `${shown(path)} cannot be written by this process, and SQLite has to: correct its owner, its mode or the path.`,
      );
    }
  }
  return file;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
