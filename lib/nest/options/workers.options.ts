import { read } from '../../core/checks/text';
import { InvalidConfigurationError, mustBe, shown } from '../../core/contract/errors';
import type { PipelineDefinition } from '../pipelines/pipeline-definition';
import { checkedName, eachOf, isList } from '../service/checked-arguments';

/** All pipelines that have a handler, none, or these. */
export type WorkersOption = boolean | readonly (string | PipelineDefinition)[];

/** The pipelines on which somebody lets this process work. */
export interface Role {
  /** Who says so, as it stands in messages. */
  readonly source: 'the option workers' | 'JOB_QUEUE_WORKERS';
  readonly pipelines: readonly string[];
}

export interface CheckedWorkers {
  readonly workers: boolean;
  /** Each of them narrows what the process works on. */
  readonly roles: readonly Role[];
}

const RULE = 'true, false, or a list of pipelines, one at least';
const NO = ['0', 'false', 'no', 'off'];
const YES = ['', '1', 'true', 'yes', 'on'];

/** What the code and the environment say: a process works on what both of them let it. */
export function checkedWorkers(option: WorkersOption, variable: string | undefined): CheckedWorkers {
  const said = [ofOption(option), ofEnvironment(variable)];
  if (said.includes(false)) return { workers: false, roles: [] };
  return {
    workers: true,
    roles: said.filter((one): one is Role => typeof one === 'object'),
  };
}

function ofOption(option: WorkersOption): boolean | Role {
  if (typeof option === 'boolean') return option;
  if (!isList(option) || read(option, 'length') === 0) throw mustBe('workers', RULE, option);
  const pipelines = eachOf('workers', option, (pipeline) => {
    if (typeof pipeline !== 'string' && typeof read(pipeline, 'name') !== 'string')
      throw mustBe('workers', RULE, pipeline);
    return checkedName(pipeline);
  });
  return { source: 'the option workers', pipelines };
}

function ofEnvironment(variable = ''): boolean | Role {
  const said = variable.trim().toLowerCase();
  if (NO.includes(said)) return false;
  if (YES.includes(said)) return true;
  const pipelines = variable.split(',').map((name) => name.trim());
  if (!pipelines.includes('')) return { source: 'JOB_QUEUE_WORKERS', pipelines };
  throw new InvalidConfigurationError(
    `JOB_QUEUE_WORKERS is ${shown(variable)}: use 0 for a process that works on no jobs, 1 for one that works on all, or names of pipelines with commas between them, as mail,reports.`,
  );
}
