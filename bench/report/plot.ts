import { backends } from '../catalogue';
import type { Results } from '../results';
import { type Comparison, comparisonsOf, type Row } from './comparison';
import { shown } from './number';
import { titles } from './titles';

const WIDTH = 760;
const LABEL = 190;
const VALUE = 130;
const LINE = 22;
const BAR = 14;
const GAP = 34;
const COLOURS = { ours: '#0b7a75', raw: '#b8c4c8', peer: '#7b8794' } as const;
/** Jobs a second at the highest concurrency, in one process, as bars: one panel a backend, each with its own scale. */
export function plotOf(results: Results): string {
  const concurrency = Math.max(...results.scale.process.concurrencies);
  const shownCase = `concurrency ${concurrency}, one process`;
  const comparisons = comparisonsOf(results).filter(
    ({ case: one, metric }) =>
      one.measurement === 'process' && one.name === shownCase && metric.name === 'rate',
  );
  const panels = backends.flatMap((backend) => comparisons.filter((it) => it.backend === backend));
  const parts: string[] = [];
  let y = GAP;
  for (const panel of panels) {
    parts.push(panelAt(panel, y));
    y += panel.rows.length * LINE + GAP;
  }
  const title = `Jobs a second, ${shownCase}, each acknowledged durably`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="system-ui, sans-serif" font-size="13" role="img">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="8" y="18" font-weight="600">${escaped(title)}</text>
${parts.join('\n')}
</svg>
`;
}

function panelAt({ backend, rows }: Comparison, top: number): string {
  const most = Math.max(...rows.map(({ value }) => value.median));
  const heading = `<text x="8" y="${top + 14}" fill="#52606d">${escaped(titles[backend])}</text>`;
  return [heading, ...rows.map((row, index) => barAt(row, most, top + 20 + index * LINE))].join('\n');
}

function barAt({ entry, value }: Row, most: number, y: number): string {
  const length = Math.max(1, (value.median / most) * (WIDTH - LABEL - VALUE));
  const middle = y + BAR - 3;
  return [
    `<text x="${LABEL - 8}" y="${middle}" text-anchor="end">${escaped(entry.name)}</text>`,
    `<rect x="${LABEL}" y="${y}" width="${length.toFixed(1)}" height="${BAR}" fill="${COLOURS[entry.kind]}"/>`,
    `<text x="${(LABEL + length + 6).toFixed(1)}" y="${middle}">${shown(value.median)}</text>`,
  ].join('\n');
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
