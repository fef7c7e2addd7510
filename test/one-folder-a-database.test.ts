import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { sqlSystems } from '../lib/backends/sql/open/sql-systems';
import { importsOf } from './support/imports';

/* Adding a database touches a folder of its own, and the one list of all databases. */

const LIB = join(__dirname, '../lib');
const SQL = join(LIB, 'backends/sql');
const LIST = 'backends/sql/open/sql-systems.ts';

const files = readdirSync(LIB, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

/** The texts of a file that stand alone between quotes, with which code can compare. */
function textsOf(file: string): string[] {
  const texts: string[] = [];
  const source = ts.createSourceFile(file, readFileSync(join(LIB, file), 'utf8'), ts.ScriptTarget.Latest);
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

describe.each(sqlSystems)('$title', ({ name, schemes, dataSourceTypes }) => {
  const folder = join(SQL, name);
  const others = files.filter((file) => relative(folder, join(LIB, file)).startsWith('..'));

  it('has a folder of its own', () => {
    expect(others.length).toBeLessThan(files.length);
  });

  it('is imported by the list of all databases alone', () => {
    const importers = others.filter((file) =>
      importsOf(join(LIB, file)).files.some((imported) => !relative(folder, imported).startsWith('..')),
    );
    expect(importers).toEqual([LIST]);
  });

  it('is named nowhere else in the code', () => {
    const names = [name, ...schemes, ...dataSourceTypes];
    const naming = others.filter((file) => textsOf(file).some((text) => names.includes(text)));
    expect(naming).toEqual([]);
  });
});
