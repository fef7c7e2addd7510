import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dependencies as peers } from '../../bench/peers/package.json';
import { devDependencies } from '../../package.json';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { Application } from './application';
import { run } from './command';

/*
 * The old code of docs/from-bullmq.md compiles with BullMQ, in an application of its own: here BullMQ would bring a native
 * build, and the board is tested without it.
 */

const COMPILER = join(__dirname, '../../node_modules/typescript/bin/tsc');

jest.setTimeout(180_000);

let folder: TemporaryFolder;
let page: string;

beforeAll(async () => {
  folder = await temporaryFolder('bullmq');
  page = await readFile(join(__dirname, '../../docs/from-bullmq.md'), 'utf8');
  await new Application(folder.path).install({
    dependencies: {
      '@nestjs/bullmq': devDependencies['@nestjs/bull-shared'],
      '@nestjs/common': devDependencies['@nestjs/common'],
      '@nestjs/core': devDependencies['@nestjs/core'],
      '@types/node': devDependencies['@types/node'],
      bullmq: peers.bullmq,
      'reflect-metadata': devDependencies['reflect-metadata'],
      rxjs: devDependencies.rxjs,
    },
  });
});
afterAll(() => folder.remove());

/** Fails with what the compiler says. */
async function compile(name: string, sources: readonly string[]): Promise<void> {
  const place = join(folder.path, name);
  await mkdir(place);
  const files = await Promise.all(
    sources.map(async (source, index) => {
      const file = join(place, `${index}.ts`);
      await writeFile(file, source);
      return file;
    }),
  );
  const options = ['--noEmit', '--strict', '--experimentalDecorators', '--skipLibCheck', '--types', 'node'];
  const modules = ['--module', 'esnext', '--moduleResolution', 'bundler', '--target', 'es2023'];
  await run(process.execPath, [COMPILER, ...options, ...modules, ...files], { cwd: place });
}

function blocksOf(fence: string): string[] {
  return page
    .split(`\`\`\`${fence}\n`)
    .slice(1)
    .map((block) => block.slice(0, block.indexOf('```')));
}

it('shows old code that compiles with BullMQ', async () => {
  const blocks = blocksOf('ts before');
  expect(blocks.length).toBeGreaterThan(1);
  await compile('before', blocks);
});

it('would find old code that does not', async () => {
  const wrong = `import type { Queue } from 'bullmq';\nexport const add = (queue: Queue) => queue.enqueue('welcome', {});`;
  await expect(compile('wrong', [wrong])).rejects.toThrow(/'enqueue' does not exist/);
});

it("takes over the jobs of BullMQ's own Queue", async () => {
  const [script = ''] = blocksOf('ts after').filter((block) => block.includes('interface OldQueue'));
  const [declaration = ''] = /^interface OldQueue \{[^]*?^\}/m.exec(script) ?? [];
  const use = `import type { Queue } from 'bullmq';\n${declaration}\nexport const old = (queue: Queue): OldQueue => queue;`;
  await compile('take-over', [use]);
});
