import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import * as library from '../../lib/index';
import { JobQueueTester, JobQueueTestingModule, memoryBackend } from '../../lib/testing';
import { blocksOf, exportsOf } from '../support/document-code';

/* The code of docs/schedules.md, as it stands there: its classes are processors of one application, and the rest runs. */

const document = readFileSync(join(__dirname, '../../docs/schedules.md'), 'utf8');
const blocks = blocksOf(document);
const classes = blocks.filter((block) => block.startsWith('@'));
const statements = blocks.filter((block) => !block.startsWith('@'));

interface Written {
  readonly providers: (new () => object)[];
  readonly run: (parts: {
    queue: library.JobQueueService;
    jobs: JobQueueTester;
    module: TestingModule;
    transaction: object;
  }) => Promise<void>;
}

function written(print: (line: unknown) => void): Written {
  const names = classes.map((block) => /export class (\w+)/.exec(block)![1]);
  const source = `
const { ${Object.keys(library).join(', ')} } = library;
${classes.join('\n').replaceAll('export class', 'class')}
exports.providers = [${names.join(', ')}];
exports.run = async ({ queue, jobs, module, transaction }) => {
${statements.map((block) => `{\n${block}\n}\nawait jobs.drain();`).join('\n')}
};`;
  return exportsOf(source, { library, console: { log: print } });
}

it('docs/schedules.md runs, and prints what it says', async () => {
  expect([classes.length, statements.length]).toEqual([5, 4]);
  const printed: string[] = [];
  const { providers, run } = written((line) => printed.push(String(line)));
  const module = await Test.createTestingModule({
    imports: [
      JobQueueTestingModule.forRoot(),
      library.JobQueueModule.forRoot({ name: 'clock', backend: memoryBackend(), workers: false }),
    ],
    providers,
  }).compile();
  await module.init();
  await run({
    queue: module.get(library.JobQueueService),
    jobs: module.get(JobQueueTester),
    module,
    transaction: {},
  });
  await module.close();
  expect(printed.filter((line) => /^\d+$/.test(line))).toEqual(['1']);
  expect(printed.some((line) => line.startsWith('report of 20'))).toBe(true);
});
