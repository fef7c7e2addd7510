import { InvalidPipelineNameError } from './errors';

// beanstalkd's protocol.txt, "Names": the rule of the strictest backend holds for all of them.
const PIPELINE_NAME = /^[A-Za-z0-9+/;.$_()][A-Za-z0-9\-+/;.$_()]{0,199}$/;

export function isPipelineName(name: unknown): name is string {
  return typeof name === 'string' && PIPELINE_NAME.test(name);
}

/** Returns the name; throws `InvalidPipelineNameError` when it is none. */
export function checkedPipelineName(name: unknown): string {
  if (!isPipelineName(name)) throw new InvalidPipelineNameError(name);
  return name;
}
