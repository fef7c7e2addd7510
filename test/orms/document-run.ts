import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { queueApplication } from '../nest/application';
import { blocksOf, ran } from '../support/document-code';
import type { Place } from './place';

type Scope = Readonly<Record<string, unknown>>;

/** The first block of code in docs that has these words. */
export function blockOf(document: string, words: string): string {
  const text = readFileSync(join(__dirname, '../../docs', document), 'utf8');
  const block = blocksOf(text).find((each) => each.includes(words));
  if (block === undefined) throw new Error(`docs/${document} has no block with: ${words}`);
  return block;
}

/** Runs a block that places an order and its job, and returns the number of jobs and of orders that it leaves. */
export async function outcomeOf(place: Place, block: string, scope: Scope): Promise<number[]> {
  const { queue } = await queueApplication([], { backend: place.queue });
  await ran(block, { ...scope, queue });
  return [await queue.getReadyCount('send_invoice'), (await place.ask('select id from orders')).length];
}
