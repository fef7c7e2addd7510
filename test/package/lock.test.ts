import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Locked {
  readonly integrity?: string;
  readonly link?: true;
}

it('every package in the lock file has its checksum', () => {
  const { packages } = JSON.parse(readFileSync(join(__dirname, '../../package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };
  // The first one is this package itself.
  const others = Object.entries(packages).filter(([path, { link }]) => path !== '' && !link);
  expect(others.length).toBeGreaterThan(100);
  expect(others.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path)).toEqual([]);
});
