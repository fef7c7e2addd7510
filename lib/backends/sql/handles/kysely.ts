import { read } from '../../../core/checks/text';
import { type Handle, methodOf } from './handle';

export function kysely(given: unknown): Handle | undefined {
  const execute = methodOf(given, 'executeQuery');
  if (!execute || typeof read(given, 'isTransaction') !== 'boolean') return undefined;
  const ended = read(given, 'isCommitted') === true || read(given, 'isRolledBack') === true;
  return {
    library: 'Kysely',
    underWay: read(given, 'isTransaction') === true && !ended,
    // The shape of its CompiledQuery.
    ask: async (sql, parameters) =>
      execute({
        sql,
        parameters,
        query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
        queryId: { queryId: 'job-queue' },
      }),
  };
}
