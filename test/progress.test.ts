import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import * as library from '../lib/index';
import { closeApplications, queueApplication } from './nest/application';
import { blocksOf, exportsOf, ran } from './support/document-code';
import { until } from './support/until';

const guide = readFileSync(join(__dirname, '../docs/progress.md'), 'utf8');
const blocks = blocksOf(guide);
const methods = blocks.filter((block) => block.startsWith('@'));
const [readProgress, readLogs, cancel, heed, ...rest] = blocks.filter((block) => !block.startsWith('@'));

describe('docs/progress.md', () => {
  afterEach(closeApplications);

  it('has an entry for each question', () => {
    const listed = [...guide.matchAll(/^- \[(.*)\]\(#/gm)].map(([, title]) => title);
    expect(listed).toEqual([...guide.matchAll(/^## (.*)$/gm)].map(([, title]) => title));
    expect([methods.length, rest.length]).toEqual([2, 0]);
  });

  it('shows how a job says how far it is, and is called off', async () => {
    let reach = (): void => undefined;
    const reached = new Promise<void>((resolve) => (reach = resolve));
    let go = (): void => undefined;
    const gone = new Promise<void>((resolve) => (go = resolve));
    const cancelled: unknown[] = [];
    const importRow = async (row: string): Promise<void> => {
      if (row !== 'two') return;
      reach();
      await gone;
    };
    const source = `import { Job, JobEvent, OnJob, Process, Processor } from 'nestjs-simple-job-queue';
@Processor()
export class Imports {
  importRow = importRow;
  ${methods[0]}
  ${methods[1]?.replace('{}', '{ cancelled.push(job.id, reason); }')}
}`;
    const { Imports } = exportsOf<{ Imports: Type }>(source, {
      importRow,
      cancelled,
      require: () => library,
    });
    const { queue } = await queueApplication([Imports]);
    const id = await queue.addJob('import', { rows: ['one', 'two'] });
    await reached;
    await until('it is written', async () => (await queue.progress(id)) !== undefined);
    expect(await ran(readProgress!, { queue, id }, 'progress')).toMatchObject({ of: 2 });
    await ran(cancel!, { queue, id });
    await until('it is told', () => cancelled.length > 0);
    expect(cancelled).toEqual([id, 'the customer has left']);
    go();
  });

  it('shows how what a job has logged is read on', async () => {
    const { queue } = await queueApplication();
    const id = await queue.addJob('reports', 1);
    const job = await queue.getNextJobAndReserve('reports');
    job?.log('one');
    job?.log('two');
    await queue.buryJob(job!);
    const lines: unknown[] = [];
    const console = { log: (_at: Date, ...values: unknown[]) => lines.push(values) };
    const after = await ran(readLogs!, { queue, id, console }, 'after');
    expect(lines).toEqual([
      [1, 'one'],
      [1, 'two'],
    ]);
    expect(await queue.logs(id, { after: after as string })).toEqual([]);
  });

  it('shows how a handler heeds its signal', async () => {
    const imported: string[] = [];
    const ending = new AbortController();
    const importRow = async (row: string): Promise<void> => {
      imported.push(row);
      ending.abort(new library.JobCancelledError('7'));
    };
    const scope = { rows: ['one', 'two'], importRow, job: { signal: ending.signal } };
    await expect(ran(heed!, scope)).rejects.toMatchObject({ code: 'JOB_CANCELLED' });
    expect(imported).toEqual(['one']);
  });
});
