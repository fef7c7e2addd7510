import { nearestOf } from '../../core/checks/nearest-name';
import { shown } from '../../core/checks/text';
import { InvalidConfigurationError } from '../../core/contract/errors';
import type { Role } from '../options/workers.options';

/**
 * The handlers of these pipelines; all of them when none are named.
 *
 * @throws {InvalidConfigurationError} when one is not among `known`; `source` is who names them
 */
export function chosen<T extends { readonly pipeline: string }>(
  pipelines: readonly string[] | undefined,
  handlers: readonly T[],
  known: readonly string[],
  source?: string,
): readonly T[] {
  if (!pipelines) return handlers;
  const unknown = pipelines.filter((pipeline) => !known.includes(pipeline));
  if (unknown.length > 0) throw noHandler(unknown, known, source);
  return handlers.filter(({ pipeline }) => pipelines.includes(pipeline));
}

/** The handlers that every role lets a process work on. The environment speaks to all queues of an application. */
export function ofRoles<T extends { readonly pipeline: string }>(
  roles: readonly Role[],
  handlers: readonly T[],
  known: { readonly own: readonly string[]; readonly everywhere: readonly string[] },
): readonly T[] {
  return roles.reduce(
    (some, { pipelines, source }) =>
      chosen(pipelines, some, source === 'JOB_QUEUE_WORKERS' ? known.everywhere : known.own, source),
    handlers,
  );
}

export function isInRoles(roles: readonly Role[], pipeline: string): boolean {
  return roles.every(({ pipelines }) => pipelines.includes(pipeline));
}

function noHandler(
  unknown: readonly string[],
  known: readonly string[],
  source: string | undefined,
): InvalidConfigurationError {
  const names = unknown.map((name) => (/^[^\s"]{1,60}$/.test(name) ? name : shown(name))).join(', ');
  const nearest = unknown.map((name) => nearestOf(name, known)).find((name) => name !== undefined);
  const meant = nearest === undefined ? '' : `did you mean ${nearest}? `;
  return new InvalidConfigurationError(
    `No handler works on ${names}${source === undefined ? '' : `, as ${source} asks for`}: ${meant}there are handlers for ${[...new Set(known)].join(', ') || 'nothing at all'}.`,
  );
}
