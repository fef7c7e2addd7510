import { spanOf } from '../../print/moments';
import type { Cell, Column } from '../../print/screen';
import type { PipelineFigures, PipelineRates } from './pipeline-figures';

const FIGURES: readonly Column[] = [
  { title: 'PIPELINE' },
  { title: 'READY', number: true },
  { title: 'DELAYED', number: true },
  { title: 'RESERVED', number: true },
  { title: 'BURIED', number: true },
  { title: 'PAUSED' },
];
const RATES: readonly Column[] = [
  { title: 'WAITING/s', number: true },
  { title: 'BURIED/s', number: true },
  { title: 'EMPTY IN', number: true },
];

export interface WatchedFigures extends PipelineFigures {
  /** None at the first look. */
  readonly rates?: PipelineRates;
}

export function statsColumns(watched: boolean): readonly Column[] {
  return watched ? [...FIGURES, ...RATES] : FIGURES;
}

export function statsRow(figures: WatchedFigures, watched: boolean): readonly Cell[] {
  const { pipeline, ready, delayed, reserved, buried, pausedFor } = figures;
  return [
    { text: pipeline },
    { text: String(ready) },
    { text: String(delayed) },
    { text: String(reserved), ...(reserved > 0 && { style: 'green' as const }) },
    { text: String(buried), ...(buried > 0 && { style: 'red' as const }) },
    pausedFor === 0 ? { text: 'no' } : { text: pauseOf(pausedFor), style: 'yellow' },
    ...(watched ? ratesRow(figures) : []),
  ];
}

function pauseOf(seconds: number): string {
  return seconds === Infinity ? 'until resumed' : spanOf(seconds);
}

function ratesRow({ rates, ready, delayed }: WatchedFigures): readonly Cell[] {
  if (!rates) return [{ text: '' }, { text: '' }, { text: '' }];
  const waiting = ready + delayed;
  return [
    { text: signed(rates.waiting), ...(rates.waiting > 0 && { style: 'yellow' as const }) },
    { text: signed(rates.buried), ...(rates.buried > 0 && { style: 'red' as const }) },
    { text: rates.waiting < 0 && waiting > 0 ? spanOf(waiting / -rates.waiting) : '' },
  ];
}

function signed(rate: number): string {
  const rounded = Math.round(rate * 10) / 10;
  return rounded > 0 ? `+${rounded}` : String(rounded === 0 ? 0 : rounded);
}
