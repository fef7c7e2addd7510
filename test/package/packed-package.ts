import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command';

const ROOT = join(__dirname, '../..');

/** Packs what is built as it would be published, and answers the path of the tarball in the folder. */
export async function packPackage(folder: string): Promise<string> {
  if (!existsSync(join(ROOT, 'dist/index.js'))) {
    throw new Error('There is nothing to pack, dist is missing: npm run build');
  }
  // Without the script that builds: other tests are using dist.
  const name = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
  });
  return join(folder, name.trim());
}
