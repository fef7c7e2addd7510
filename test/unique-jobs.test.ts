import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import * as library from '../lib/index';
import { JobQueueTester, JobQueueTestingModule } from '../lib/testing';
import { typeOrmBackend } from '../lib/typeorm';
import { closeApplications, queueApplication } from './nest/application';
import { applicationDatabases } from './support/application-databases';
import { blocksOf, exportsOf } from './support/document-code';

const guide = readFileSync(join(__dirname, '../docs/unique-jobs.md'), 'utf8');
const IN_TRANSACTION = 'What does a transaction do?';
const OUTBOX = 'What do I do on beanstalkd?';

interface Section {
  readonly title: string;
  /** The program of each block. */
  readonly blocks: string[];
}

const sections: Section[] = guide
  .split(/^## /m)
  .slice(1)
  .map((text) => ({
    title: text.slice(0, text.indexOf('\n')),
    blocks: blocksOf(text),
  }));

/** Runs a block, with these names; resolves with what it prints. */
async function printed(block: string, scope: Record<string, unknown>): Promise<string[]> {
  const imports = block.split('\n').filter((line) => line.startsWith('import '));
  const body = block.split('\n').filter((line) => !line.startsWith('import '));
  const source = [...imports, 'export async function run() {', ...body, '}'].join('\n');
  const lines: string[] = [];
  const console = { log: (...values: unknown[]) => lines.push(format(...values)) };
  const { run } = exportsOf<{ run: () => Promise<void> }>(source, {
    ...scope,
    console,
    require: () => library,
  });
  await run();
  return lines;
}

/** What stands behind the lines that print. */
function expected(block: string): string[] {
  return [...block.matchAll(/^ *console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text = '']) => text);
}

describe('docs/unique-jobs.md', () => {
  afterEach(closeApplications);

  it('has an entry for each question', () => {
    const listed = [...guide.matchAll(/^- \[(.*)\]\(#/gm)].map(([, title]) => title);
    expect(listed).toEqual(sections.map(({ title }) => title));
  });

  const onTester = sections.filter(({ title, blocks }) => title !== IN_TRANSACTION && blocks.length > 0);

  it.each(onTester)('prints what it says: $title', async ({ title, blocks }) => {
    const module = await Test.createTestingModule({ imports: [JobQueueTestingModule.forRoot()] }).compile();
    const scope = { queue: module.get(library.JobQueueService), jobs: module.get(JobQueueTester) };
    for (const block of blocks) expect(await printed(block, scope)).toEqual(expected(block));
    const says = blocks.flatMap(expected).length;
    if (title !== OUTBOX) expect(says).toBeGreaterThan(0);
    else scope.jobs.expectAdded('outbox', undefined, { unique: 'letter:ada' });
    await module.close();
  });

  it(`prints what it says: ${IN_TRANSACTION}`, async () => {
    const database = await applicationDatabases.sqlite!();
    const dataSource = await new DataSource(database.options).initialize();
    await dataSource.query('create table orders (id integer primary key)');
    const { queue } = await queueApplication([], { backend: typeOrmBackend({ dataSource }) });
    const [block = ''] = sections.find(({ title }) => title === IN_TRANSACTION)?.blocks ?? [];
    expect(expected(block)).toHaveLength(1);
    expect(await printed(block, { queue, dataSource })).toEqual(expected(block));
    await closeApplications();
    await dataSource.destroy();
    await database.remove();
  });
});
