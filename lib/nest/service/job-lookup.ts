import { checkedInteger } from '../../core/checks/checks';
import { checkedOptions } from '../../core/checks/options';
import type { QueueBackend } from '../../core/contract/backend';
import { feature, type Page } from '../../core/contract/features';
import type { JobSnapshot, JobState } from '../../core/contract/job-data';
import { checkedState, PAGE } from './checked-arguments';

const STATES: readonly JobState[] = ['ready', 'delayed', 'reserved', 'buried'];
const DEFAULT_PAGE_SIZE = 20;

/** A page of the jobs in a state; of a backend that cannot list, the first job alone. */
export async function pageOf(
  backend: QueueBackend,
  pipeline: string,
  state: JobState,
  options: Partial<Page>,
): Promise<JobSnapshot[]> {
  const { offset = 0, limit = DEFAULT_PAGE_SIZE } = checkedOptions<Partial<Page>>(options, PAGE);
  const wanted = checkedState(state, STATES);
  const page = { offset: checkedInteger('offset', offset, 0), limit: checkedInteger('limit', limit, 1) };
  if (backend.features.listing || wanted === 'reserved' || page.offset > 0)
    return feature(backend, 'listing').list(pipeline, wanted, page);
  const first = await backend.inspect.peek(pipeline, wanted);
  return first ? [first] : [];
}
