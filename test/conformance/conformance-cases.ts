import { batch } from './batch';
import { ConformanceCase, type Theme } from './conformance-case';
import { lease } from './lease';
import { look } from './look';
import { names } from './names';
import { order } from './order';
import { pause } from './pause';
import { payloads } from './payloads';
import { rivals } from './rivals';
import { settle } from './settle';
import { shutdown } from './shutdown';
import { tend } from './tend';
import { wait } from './wait';

const themes: readonly Theme[] = [
  order,
  batch,
  wait,
  lease,
  settle,
  look,
  tend,
  pause,
  rivals,
  shutdown,
  payloads,
  names,
];

function casesOf({ name: theme, cases, slowCases = {} }: Theme): ConformanceCase[] {
  return [
    ...Object.entries(cases).map(([name, steps]) => new ConformanceCase(theme, name, false, steps)),
    ...Object.entries(slowCases).map(([name, steps]) => new ConformanceCase(theme, name, true, steps)),
  ];
}

/** Every rule of the contract, theme by theme. */
export const conformanceCases: readonly ConformanceCase[] = themes.flatMap(casesOf);
