import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../..');

it('what must compile compiles, and what must not does not', () => {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const files = [join(__dirname, 'pipelines.ts'), join(ROOT, 'lib/backends/beanstalkd/fivebeans.d.ts')];
  const program = ts.createProgram(files, { ...options, noEmit: true });
  const diagnostics = ts.getPreEmitDiagnostics(program);
  expect(ts.formatDiagnostics(diagnostics, host)).toBe('');
}, 120_000);

const host: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => ROOT,
  getNewLine: () => '\n',
};
