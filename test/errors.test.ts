import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as library from '../lib/index';

const source = ['errors', 'end-errors']
  .map((file) => readFileSync(join(__dirname, `../lib/core/contract/${file}.ts`), 'utf8'))
  .join('\n');
const documented = readFileSync(join(__dirname, '../docs/errors.md'), 'utf8');

const codes = [...source.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code]) => code);
const rows = [...documented.matchAll(/^\| `([A-Z_]+)` \| `(\w+)` \|/gm)].map(([, code, name]) => [
  code,
  name,
]);

describe('docs/errors.md', () => {
  it('has a row for every code, in the order of the source, and none that is stale', () => {
    expect(codes.length).toBeGreaterThan(10);
    expect(rows.map(([code]) => code)).toEqual(codes);
  });

  it('names the class that has the code, and the package exports it', () => {
    for (const [code, name] of rows) {
      expect(library).toHaveProperty(name!);
      expect(source).toMatch(new RegExp(`class ${name} ((?!\\n}).)*'${code}'`, 's'));
    }
  });
});
