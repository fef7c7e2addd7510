import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';

const execute = promisify(execFile);
const REPOSITORY = join(__dirname, '../..');

/** The last commits that know this layout and none after it. */
const COMMITS = {
  1: '6f5bd845bb96c6c4bfc2bc32170286bb6f407b92',
  2: '41dfa4d4192ab6cb4317185be1e81b8c6e84bff7',
} as const;

export interface OldLibrary {
  /** The folder of its sources. */
  readonly lib: string;
  remove(): Promise<void>;
}

/** The library as it was with that layout, from this repository's history. */
export async function libraryOf(layout: keyof typeof COMMITS): Promise<OldLibrary> {
  const commit = COMMITS[layout];
  const folder: TemporaryFolder = await temporaryFolder();
  const archive = join(folder.path, 'lib.tar');
  try {
    await execute('git', ['archive', '--output', archive, commit, 'lib'], { cwd: REPOSITORY });
  } catch (error) {
    throw new Error(
      `This test runs the library of commit ${commit}, which a shallow clone lacks: git fetch --unshallow.`,
      { cause: error },
    );
  }
  await execute('tar', ['-xf', archive, '-C', folder.path]);
  await symlink(join(REPOSITORY, 'node_modules'), join(folder.path, 'node_modules'));
  return { lib: join(folder.path, 'lib'), remove: () => folder.remove() };
}
