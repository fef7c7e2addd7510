import { type BackendSource, DEFAULT_URL } from '../options/job-queue.options';

/** What a queue says when it starts: on what, named where, and what it does. No part of a URL. */
export function startLine(backend: string, source: BackendSource, pipelines: readonly string[]): string {
  const where =
    source === 'the default'
      ? `${DEFAULT_URL}, the default: neither the option backend nor JOB_QUEUE_URL is set`
      : `${backend} (from ${source})`;
  const what = pipelines.length === 0 ? 'works on no jobs' : `works on ${pipelines.join(', ')}`;
  return `Queue started on ${where}; this process ${what}`;
}
