import { parseArgs } from 'node:util';
import { userPath } from '../../01-send-important-emails/src/demo/user-path';
import { EMAILS_CSV } from '../../01-send-important-emails/src/emails/emails-csv';
import { InputError } from '../../01-send-important-emails/src/input.error';
import { SYSTEMS, type SystemName } from './systems';

export interface RunOptions {
  readonly backends: readonly SystemName[];
  readonly input: string;
}

const ALL = Object.keys(SYSTEMS).join(',');

/** `--backends sqlite,postgres --input FILE`; throws `InputError` when it names a backend that is none. */
export function runOptions(args: string[], env: NodeJS.ProcessEnv): RunOptions {
  const { values } = parseArgs({
    args,
    options: { backends: { type: 'string', default: ALL }, input: { type: 'string' } },
  });
  return {
    backends: values.backends.split(',').map(systemName),
    input: values.input === undefined ? EMAILS_CSV : userPath(values.input, env),
  };
}

function systemName(name: string): SystemName {
  if (!isSystemName(name)) {
    throw new InputError(`--backends cannot have ${JSON.stringify(name)}: possible are ${ALL}.`);
  }
  return name;
}

function isSystemName(name: string): name is SystemName {
  return Object.hasOwn(SYSTEMS, name);
}
