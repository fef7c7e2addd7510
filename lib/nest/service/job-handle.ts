import { checkedOptions, type OptionNames } from '../../core/checks/options';
import { read } from '../../core/checks/text';
import type { QueueBackend } from '../../core/contract/backend';
import { feature } from '../../core/contract/features';
import type { JobId } from '../../core/contract/job-data';
import { checkedKey } from '../../core/policy/unique-options';
import type { JobReference, UniqueHandle } from '../options/service.options';
import { checkedName, idOf } from './checked-arguments';

const UNIQUE_HANDLE: OptionNames<UniqueHandle> = { pipeline: true, unique: true };

/**
 * The id of a job that is named by it or by its unique key; undefined when no job has that key. A verb is then for that
 * one job, and never for one that takes its key meanwhile.
 *
 * @throws {UnsupportedByBackendError} for a key, where the backend knows none
 */
export async function jobIdOf(backend: QueueBackend, job: JobReference): Promise<JobId | undefined> {
  if (!isUniqueHandle(job)) return idOf(job);
  const { pipeline, unique } = checkedOptions(job, UNIQUE_HANDLE, 'job');
  const place = checkedName(pipeline);
  return feature(backend, 'uniqueKeys').find(place, checkedKey(unique));
}

function isUniqueHandle(job: JobReference): job is UniqueHandle {
  return read(job, 'unique') !== undefined && read(job, 'id') === undefined;
}
