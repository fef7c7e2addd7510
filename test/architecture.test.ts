import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

/** What stands between backticks and looks like a path: `core/contract/backend.ts`, `testing/conformance`. */
const paths = new Set([...page.matchAll(/`([a-z][a-z-]*(?:\/[a-z0-9.-]+)+)`/g)].map(([, path = '']) => path));

describe('docs/architecture.md', () => {
  it('gives the places of many things', () => {
    expect(paths.size).toBeGreaterThan(20);
  });

  it.each([...paths])('names a file or folder that exists: %s', (path) => {
    expect(['lib', 'lib/backends', '.'].some((folder) => existsSync(join(root, folder, path)))).toBe(true);
  });
});
