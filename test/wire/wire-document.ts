import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const document = readFileSync(join(__dirname, '../../docs/wire.md'), 'utf8');

/** The first code block of docs/wire.md under these headings. */
export function documented(section: string, heading: string): string {
  const text = under(`## ${section}`, document, '\n## ');
  const [, block] = /```\w*\n([\s\S]*?)```/.exec(under(`### ${heading}`, text, '\n### ')) ?? [];
  if (block === undefined) throw new Error(`docs/wire.md has no code under ${section}, ${heading}.`);
  return block;
}

/** The payload in a documented block: the first thing in it that is JSON. */
export function payloadIn(block: string): unknown {
  return JSON.parse(/\{.*\}/.exec(block)?.[0] ?? '');
}

function under(heading: string, text: string, end: string): string {
  const from = text.indexOf(`${heading}\n`);
  if (from === -1) throw new Error(`docs/wire.md has no "${heading}".`);
  const to = text.indexOf(end, from + 1);
  return text.slice(from, to === -1 ? undefined : to);
}
