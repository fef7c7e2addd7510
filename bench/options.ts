import { parseArgs } from 'node:util';
import {
  type Backend,
  backends,
  catalogue,
  type Entry,
  type MeasurementName,
  measurementNames,
} from './catalogue';
import { type Scale, scales } from './scale';

export const USAGE = `npm run bench -- [options]

  --quick               one round of what says most, under three minutes
  --smoke               one iteration of everything; the figures mean nothing
  --only <names>        ${measurementNames.join(', ')}
  --backends <names>    ${backends.join(', ')}
  --peers <names>       ${productsOf(catalogue).join(', ')}; none: only we and the raw limits
  --rounds <number>
  --document            write docs/benchmarks.md and its plot from the results
  --from <files>        measure nothing, take the results of these files, of runs of one scale

Names are separated by commas. A full run writes the document by itself.`;

export interface Options {
  readonly scale: Scale;
  readonly measurements: readonly MeasurementName[];
  readonly entries: readonly Entry[];
  readonly document: boolean;
  readonly from: readonly string[];
}

/** Throws an error with the usage for what it does not know. */
export function parseOptions(args: string[]): Options {
  const { values } = parse(args);
  const scale = values.smoke ? scales.smoke : values.quick ? scales.quick : scales.full;
  const rounds = values.rounds === undefined ? scale.rounds : roundsOfAll(values.rounds);
  const measurements = chosen('--only', values.only, measurementNames) ?? scale.measurements;
  const wanted = chosen('--backends', values.backends, backends) ?? backends;
  const peers = values.peers === 'none' ? [] : chosen('--peers', values.peers, productsOf(catalogue));
  const narrowed = [values.only, values.backends, values.peers].some((value) => value !== undefined);
  return {
    scale: { ...scale, rounds },
    measurements,
    entries: entriesOf(wanted, peers, scale),
    document: values.document ?? (scale.name === 'full' && !narrowed),
    from: values.from?.split(',') ?? [],
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        quick: { type: 'boolean' },
        smoke: { type: 'boolean' },
        only: { type: 'string' },
        backends: { type: 'string' },
        peers: { type: 'string' },
        rounds: { type: 'string' },
        document: { type: 'boolean' },
        from: { type: 'string' },
      },
    });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, {
      cause: error,
    });
  }
}

function roundsOfAll(text: string): Scale['rounds'] {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${text}: a number from 1 on`);
  return Object.fromEntries(measurementNames.map((name) => [name, rounds]));
}

function entriesOf(wanted: readonly Backend[], peers: readonly string[] | undefined, scale: Scale): Entry[] {
  return catalogue.filter(({ name, backend, kind, product }) => {
    if (!wanted.includes(backend)) return false;
    if (peers === undefined) return scale.contenders?.includes(name) ?? true;
    return kind !== 'peer' || peers.includes(product);
  });
}

function chosen<T extends string>(
  option: string,
  value: string | undefined,
  possible: readonly T[],
): T[] | undefined {
  if (value === undefined) return undefined;
  return value.split(',').map((name) => {
    const found = possible.find((it) => it === name);
    if (found === undefined)
      throw new Error(`${option} ${name}: possible are ${possible.join(', ')}\n\n${USAGE}`);
    return found;
  });
}

function productsOf(entries: readonly Entry[]): string[] {
  return [...new Set(entries.filter(({ kind }) => kind === 'peer').map(({ product }) => product))];
}
