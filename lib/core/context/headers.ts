import { read } from '../checks/text';
import type { StoredJob } from '../contract/job-data';

/* What is known of a job beside its payload: a JSON object, with a property for each part of the library that needs one. */

/** What the job's headers have under that name. Another program may have written anything there. */
export function headerOf({ headers }: Pick<StoredJob, 'headers'>, name: string): unknown {
  return headers === undefined ? undefined : read(parsed(headers), name);
}

/** The headers with these properties beside their own. */
export function withHeaders(headers: string | undefined, more: object): string {
  return JSON.stringify(headers === undefined ? more : { ...(parsed(headers) as object), ...more });
}

function parsed(headers: string): unknown {
  try {
    return JSON.parse(headers);
  } catch {
    return undefined;
  }
}
