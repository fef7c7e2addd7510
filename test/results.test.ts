import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import * as library from '../lib/index';
import { closeApplications, queueApplication } from './nest/application';
import { blocksOf, exportsOf, ran } from './support/document-code';

const guide = readFileSync(join(__dirname, '../docs/results.md'), 'utf8');
const [processor, find, failures, wait, events, gone, ...rest] = blocksOf(guide);

function processorOf(resize: (picture: string) => Promise<string>): Type {
  const source = `import { Job, Process, Processor } from 'nestjs-simple-job-queue';
${processor!.replace('class Thumbnails {', 'class Thumbnails {\n  resize = resize;')}`;
  return exportsOf<{ Thumbnails: Type }>(source, { resize, require: () => library }).Thumbnails;
}

const small = async (picture: string) => `small/${picture}`;

describe('docs/results.md', () => {
  afterEach(closeApplications);

  it('has an entry for each question', () => {
    const listed = [...guide.matchAll(/^- \[(.*)\]\(#/gm)].map(([, title]) => title);
    expect(listed).toEqual([...guide.matchAll(/^## (.*)$/gm)].map(([, title]) => title));
    expect(rest).toEqual([]);
  });

  it('shows how a result is waited for, and how ended jobs are found', async () => {
    const { queue } = await queueApplication([processorOf(small)]);
    const id = await queue.addJob('thumbnails', { picture: 'ada' });
    expect(await ran(wait!, { queue, id, picture: 'grace' }, '[file, same]')).toEqual([
      'small/grace',
      { file: 'small/ada' },
    ]);
    const found = (await ran(find!, { queue, id }, '[file, page, next]')) as [
      string,
      library.KeptJob[],
      unknown[],
    ];
    expect(found[0]).toBe('small/ada');
    expect(found[1].map((job) => [job.payload, job.state])).toEqual([
      [{ picture: 'grace' }, 'completed'],
      [{ picture: 'ada' }, 'completed'],
    ]);
    expect(found[2]).toEqual([]);
    const [newest, oldest] = found[1];
    expect(await queue.history('thumbnails', { limit: 1 })).toEqual([newest]);
    expect(await queue.history('thumbnails', { limit: 1, after: newest })).toEqual([oldest]);
    expect(await queue.history('thumbnails', { state: 'cancelled' })).toEqual([]);
    expect(await queue.findJob('none')).toBeUndefined();
  });

  it.each([
    [{ state: 'buried' }, 'state must be one of completed, cancelled, got "buried"'],
    [{ limit: 1001 }, 'limit must be an integer from 1 to 1000, got 1001'],
    [{ after: { id: 7 } }, 'after must be the last job of the page before'],
    [{ after: { id: 'abc', endedAt: new Date() } }, 'after must be the last job of the page before'],
    [{ before: 1 }, 'before'],
  ])('finds no page for %j', async (options, problem) => {
    const { queue } = await queueApplication();
    await expect(queue.history('thumbnails', options as object)).rejects.toMatchObject({
      code: 'INVALID_JOB_OPTION',
      message: expect.stringContaining(problem) as string,
    });
  });

  it('shows why a job was tried again', async () => {
    const { queue } = await queueApplication();
    let fail = (): void => undefined;
    const failed = new Promise<void>((resolve) => (fail = resolve));
    await queue.process(
      'reports',
      ({ attempt }) => {
        if (attempt === 2) fail();
        throw new Error(`no paper ${attempt}`);
      },
      { attempts: 3, backoff: { type: 'fixed', delay: 0 } },
    );
    const id = await queue.addJob('reports', 1);
    await failed;
    const lines: unknown[] = [];
    await ran(failures!, { queue, id, console: { log: (...line: unknown[]) => lines.push(line) } });
    expect(lines[0]).toEqual([1, expect.stringContaining('no paper 1')]);
  });

  it('shows how the ends of jobs are followed from a cursor', async () => {
    const { queue } = await queueApplication([processorOf(small)]);
    const ended = await queue.addJobAndWait('thumbnails', { picture: 'ada' }, { timeout: '10s' });
    const told: unknown[] = [];
    let cursor = 'oldest';
    const scope = {
      queue,
      lastCursor: async () => cursor,
      tell: async (_id: string, state: string, result: unknown) => told.push([state, result]),
      // Ends the loop, which has no end of its own.
      remember: async (at: string) => {
        cursor = at;
        throw new Error('enough');
      },
    };
    await expect(ran(events!, scope)).rejects.toThrow('enough');
    expect(told).toEqual([['completed', ended]]);
    await queue.addJobAndWait('thumbnails', { picture: 'grace' }, { timeout: '10s' });
    await expect(ran(events!, scope)).rejects.toThrow('enough');
    expect(told).toHaveLength(2);
  });

  it('shows how a reader goes on that was away for too long', async () => {
    const places: string[] = [];
    const readFrom = async (place: string) => {
      places.push(place);
      if (place === '3') throw new library.EventsGoneError('thumbnails', '3', '9');
    };
    const { EventsGoneError } = library;
    const scope = {
      cursor: '3',
      readFrom,
      EventsGoneError,
      lookAtEverythingAnew: async () => places.push('all'),
    };
    await ran(gone!, scope);
    expect(places).toEqual(['3', 'all', '9']);
  });
});
