import { checkedInteger } from '../../core/checks/checks';
import { checkedOptions, type OptionNames } from '../../core/checks/options';
import { read } from '../../core/checks/text';
import type { QueueBackend } from '../../core/contract/backend';
import { mustBe } from '../../core/contract/errors';
import { feature, type Page } from '../../core/contract/features';
import { END_STATES, type EndedJob, type HistoryPlace } from '../../core/contract/history';
import type { JobSnapshot, JobState } from '../../core/contract/job-data';
import type { HistoryOptions } from '../options/service.options';
import { checkedState, PAGE } from './checked-arguments';

const STATES: readonly JobState[] = ['ready', 'delayed', 'reserved', 'buried'];
const DEFAULT_PAGE_SIZE = 20;
const MOST_ENDED = 1000;

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

const HISTORY: OptionNames<HistoryOptions> = { state: true, after: true, limit: true };

/** A page of the pipeline's kept jobs. */
export async function historyOf(
  backend: QueueBackend,
  pipeline: string,
  options: HistoryOptions,
): Promise<EndedJob[]> {
  const { state, after, limit = DEFAULT_PAGE_SIZE } = checkedOptions(options, HISTORY);
  const page = {
    ...(state !== undefined && { state: checkedState(state, END_STATES) }),
    ...(after !== undefined && { after: checkedPlace(after) }),
    limit: checkedInteger('limit', limit, 1, MOST_ENDED),
  };
  return feature(backend, 'history').list(pipeline, page);
}

function checkedPlace(after: HistoryPlace): HistoryPlace {
  const [id, endedAt] = [read(after, 'id'), read(after, 'endedAt')];
  if (typeof id !== 'string' || !(endedAt instanceof Date) || Number.isNaN(endedAt.getTime()))
    throw mustBe('after', 'the last job of the page before', after);
  return { id, endedAt };
}
