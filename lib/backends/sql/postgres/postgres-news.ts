import { MAX_UINT32 } from '../../../core/contract/checks';
import type { News, PipelineNews } from '../engine/news';

/** A notification's payload, `pipeline` or `pipeline priority id`: a pipeline's name has no space. */
export function writtenNews({ pipeline, first }: PipelineNews): string {
  return first ? `${pipeline} ${first.priority} ${first.id}` : pipeline;
}

/** A bigint's. */
const MAX_ID = 2n ** 63n - 1n;
const WRITTEN = /^(\S{1,200})(?: (\d{1,10}) (\d{1,19}))?$/;

/** Whoever may connect to the database may notify: what we have not written tells nothing, and nothing of it goes further. */
export function readNews(payload: string): News | undefined {
  const [written, pipeline = '', priority, id] = WRITTEN.exec(payload) ?? [];
  if (written === undefined || Number(priority ?? 0) > MAX_UINT32 || BigInt(id ?? 0) > MAX_ID)
    return undefined;
  return id === undefined ? { pipeline } : { pipeline, first: { priority: Number(priority), id } };
}
