import { read } from '../../../core/checks/text';
import { type Handle, methodOf } from './handle';

/** The EntityManager that `em.transactional(async (em) => …)` hands over. */
export function mikroOrm(given: unknown): Handle | undefined {
  const connectionOf = methodOf(given, 'getConnection');
  const contextOf = methodOf(given, 'getTransactionContext');
  if (!connectionOf || !contextOf) return undefined;
  return {
    library: 'MikroORM',
    underWay: contextOf() !== undefined,
    ask: async (sql, values, yieldsRows) => {
      const execute = methodOf(connectionOf(), 'execute');
      try {
        return await execute?.(sql, values, yieldsRows ? 'all' : 'run', contextOf());
      } catch (error) {
        throw read(error, 'cause') ?? error;
      }
    },
  };
}
