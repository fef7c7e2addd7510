import type { News, PipelineNews } from '../engine/news';

/** A notification's payload, `pipeline` or `pipeline priority id`: a pipeline's name has no space. */
export function writtenNews({ pipeline, first }: PipelineNews): string {
  return first ? `${pipeline} ${first.priority} ${first.id}` : pipeline;
}

export function readNews(payload: string): News {
  const [pipeline = '', priority, id] = payload.split(' ');
  return id === undefined ? { pipeline } : { pipeline, first: { priority: Number(priority), id } };
}
