import { compileFunction } from 'node:vm';
import ts from 'typescript';

/** The blocks of TypeScript in a document. */
export function blocksOf(text: string): string[] {
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block = '']) => block);
}

/** Runs a module in TypeScript, to which these names are known, and returns what it exports. */
export function exportsOf<T>(source: string, scope: Record<string, unknown>): T {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
    },
  });
  const exported = {};
  const load = compileFunction(outputText, ['exports', ...Object.keys(scope)]) as (
    ...given: unknown[]
  ) => void;
  load(exported, ...Object.values(scope));
  return exported as T;
}

/** Runs the statements of a block, to which these names are known; resolves with the value of that expression after them. */
export async function ran(
  block: string,
  scope: Record<string, unknown>,
  result = 'undefined',
): Promise<unknown> {
  const source = `export async function run() {\n${block}\nreturn ${result};\n}`;
  return exportsOf<{ run: () => Promise<unknown> }>(source, scope).run();
}
