import { cp, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder';
import { run } from './command';

const ROOT = join(__dirname, '../..');

it('two copies of the package in one process understand each other', async () => {
  const folder = await temporaryFolder();
  try {
    await symlink(join(ROOT, 'node_modules'), join(folder.path, 'node_modules'));
    for (const copy of ['own', 'other'])
      await cp(join(ROOT, 'dist'), join(folder.path, copy), { recursive: true });
    await cp(join(__dirname, 'two-copies-script.cjs'), join(folder.path, 'script.cjs'));
    const printed = await run(process.execPath, ['script.cjs'], { cwd: folder.path });
    expect(JSON.parse(printed)).toEqual({
      apart: true,
      starts: { bury: 1, release: 2 },
      buried: [['bury', 'as the other copy says']],
      injected: true,
      errors: [true, true],
      none: [false, false],
      derived: [true, true],
      job: [true, true],
    });
  } finally {
    await folder.remove();
  }
});
