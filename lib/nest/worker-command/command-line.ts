import { parseArgs } from 'node:util';
import { nearestOf } from '../../core/checks/nearest-name';
import { InvalidConfigurationError, InvalidJobOptionError } from '../../core/contract/errors';
import { flagOf, OPTION_NAMES, type OptionName, OPTIONS, variableOf } from './option-table';
import type { CheckedWorkerOptions, WorkerCommandOptions } from './worker-command.options';

/**
 * The checked options of a worker. The command line goes before the code, and the code before the environment, as in
 * `forRoot`.
 *
 * @throws {InvalidConfigurationError | InvalidJobOptionError | InvalidPipelineNameError}
 */
export function workerCommandOptions(
  args: readonly string[],
  code: WorkerCommandOptions,
  environment: NodeJS.ProcessEnv,
): CheckedWorkerOptions {
  const line = parsed(args);
  const told = OPTION_NAMES.flatMap((name) => {
    const { parse, check } = OPTIONS[name];
    const [flag, variable] = [flagOf(name), variableOf(name)];
    const onLine = line[flag];
    if (onLine !== undefined) {
      return [[name, check(`--${flag}`, typeof onLine === 'string' ? parse(onLine) : onLine)]];
    }
    if (code[name] !== undefined) return [[name, check(name, code[name])]];
    // Compose files and units set a variable to nothing to leave it out.
    const inEnvironment = environment[variable] || undefined;
    return inEnvironment === undefined ? [] : [[name, check(variable, parse(inEnvironment))]];
  });
  return Object.fromEntries(told) as CheckedWorkerOptions;
}

/** Options of the application itself may stand beside ours: one that is nearly ours is a misspelling of it. */
export function refuseMisspelt(options: object): void {
  for (const name of Object.keys(options)) {
    if (OPTIONS_OF_NEST.includes(name) || (OPTION_NAMES as readonly string[]).includes(name)) continue;
    const nearest = nearestOf(name, OPTION_NAMES);
    if (nearest !== undefined)
      throw new InvalidJobOptionError(`unknown option ${name}; did you mean ${nearest}?`);
  }
}

const OPTIONS_OF_NEST = [
  'args',
  'logger',
  'abortOnError',
  'bufferLogs',
  'autoFlushLogs',
  'preview',
  'snapshot',
];

export function usage(): string {
  const lines = OPTION_NAMES.map((name) => [term(name), OPTIONS[name].usage]);
  const width = Math.max(...lines.map(([left = '']) => left.length));
  const options = [...lines, ['--help', 'print this']].map(
    ([left = '', right]) => `  ${left.padEnd(width)}  ${right}`,
  );
  return [
    'Works on the jobs of the pipelines that the application has handlers for.',
    '',
    'Options:',
    ...options,
    '',
    `In the environment, each as ${variableOf('maxJobs')} is for --${flagOf('maxJobs')}; 1 and 0 for yes and no.`,
    '',
    'Exit codes: 0 ended in order; 1 a failure that may pass, or a second signal; 2 a wrong configuration.',
    '',
  ].join('\n');
}

function term(name: OptionName): string {
  const { placeholder } = OPTIONS[name];
  return placeholder === undefined ? `--${flagOf(name)}` : `--${flagOf(name)} <${placeholder}>`;
}

function parsed(args: readonly string[]): Record<string, unknown> {
  const options = OPTION_NAMES.map((name) => {
    const type = OPTIONS[name].placeholder === undefined ? ('boolean' as const) : ('string' as const);
    return [flagOf(name), { type }] as const;
  });
  try {
    return parseArgs({ args: [...args], options: Object.fromEntries(options) }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new InvalidConfigurationError(`${error.message} (--help shows the options)`);
  }
}
