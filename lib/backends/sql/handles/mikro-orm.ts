import { type Handle, methodOf } from './handle';
import { knex } from './knex';
import { kysely } from './kysely';

/** The EntityManager in `em.transactional()`: beneath it is Knex up to MikroORM 6, and Kysely from 7 on. */
export function mikroOrm(given: unknown): Handle | undefined {
  const contextOf = methodOf(given, 'getTransactionContext');
  if (!contextOf || !methodOf(given, 'getConnection')) return undefined;
  const context = contextOf();
  const beneath = knex(context) ?? kysely(context);
  return {
    library: 'MikroORM',
    underWay: beneath?.underWay === true,
    ask: async (...statement) => beneath?.ask(...statement),
  };
}
