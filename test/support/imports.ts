import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, resolve } from 'node:path';
import { preProcessFile } from 'typescript';

/** What a source file or a type definition names to be loaded: by import, export from, require() or a type's import(). */
export interface Imports {
  /** Absolute paths without an extension. */
  readonly files: readonly string[];
  readonly packages: readonly string[];
}

export function importsOf(file: string): Imports {
  const { importedFiles, typeReferenceDirectives } = preProcessFile(readFileSync(file, 'utf8'), true, true);
  const names = [...importedFiles, ...typeReferenceDirectives].map(({ fileName }) => fileName);
  return {
    files: names
      .filter((name) => name.startsWith('.'))
      .map((name) => resolve(dirname(file), name.replace(/\.js$/, ''))),
    packages: names.filter((name) => !name.startsWith('.') && !isBuiltin(name)).map(packageOf),
  };
}

/** '@nestjs/core' of '@nestjs/core/injector', and 'pg' of 'pg/lib/client'. */
function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}
