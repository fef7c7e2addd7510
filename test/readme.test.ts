import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { temporaryFolder } from './support/temporary-folder';

const run = promisify(execFile);
const root = join(__dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The first block of that language after the heading. */
function block(heading: string, language: string): string {
  const section = readme.slice(readme.indexOf(`## ${heading}`));
  const [, text] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(section) ?? [];
  if (text === undefined) throw new Error(`README.md has no ${language} block under ${heading}`);
  return text;
}

describe('README.md', () => {
  it('prints what it says', async () => {
    const { outputText } = ts.transpileModule(block('Twenty-five lines that run', 'ts'), {
      compilerOptions: {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2022,
        experimentalDecorators: true,
      },
    });
    const folder = await temporaryFolder();
    try {
      await symlink(join(root, 'node_modules'), join(folder.path, 'node_modules'));
      const program = outputText.replace(
        'require("nestjs-simple-job-queue")',
        `require(${JSON.stringify(root)})`,
      );
      await writeFile(join(folder.path, 'app.js'), program);
      const { stdout } = await run(process.execPath, ['app.js'], { cwd: folder.path });
      expect(stdout).toBe(block('Twenty-five lines that run', 'text'));
    } finally {
      await folder.remove();
    }
  });
});
