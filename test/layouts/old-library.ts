import { execFile } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';

const execute = promisify(execFile);
const REPOSITORY = join(__dirname, '../..');

/** The last commit that knows layout 1 alone. */
const LAYOUT_1 = '6f5bd845bb96c6c4bfc2bc32170286bb6f407b92';

export interface OldLibrary {
  /** The folder of its sources. */
  readonly lib: string;
  remove(): Promise<void>;
}

/** The library as it was with layout 1, from this repository's history. */
export async function libraryOfLayout1(): Promise<OldLibrary> {
  const folder: TemporaryFolder = await temporaryFolder();
  const archive = join(folder.path, 'lib.tar');
  try {
    await execute('git', ['archive', '--output', archive, LAYOUT_1, 'lib'], { cwd: REPOSITORY });
  } catch (error) {
    throw new Error(
      `This test runs the library of commit ${LAYOUT_1}, which a shallow clone lacks: git fetch --unshallow.`,
      { cause: error },
    );
  }
  await execute('tar', ['-xf', archive, '-C', folder.path]);
  await symlink(join(REPOSITORY, 'node_modules'), join(folder.path, 'node_modules'));
  return { lib: join(folder.path, 'lib'), remove: () => folder.remove() };
}
