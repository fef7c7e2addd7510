import { MikroORM as OnMysql } from '@mikro-orm/mysql';
import { type EntityManager, MikroORM as OnPostgres, type Options } from '@mikro-orm/postgresql';
import { insert, type TestedLibrary, versionOf } from './library';

function tested(init: (url: string) => Promise<unknown>): TestedLibrary {
  return {
    name: 'MikroORM',
    version: versionOf('@mikro-orm/core'),
    async open(url) {
      const orm = (await init(url)) as OnPostgres;
      const outside = orm.em.fork();
      return {
        transaction: (work) => orm.em.fork().transactional((em) => work(em)),
        savepoint: (em, work) => (em as EntityManager).transactional((inner) => work(inner)),
        order: (em, id) => (em as EntityManager).execute(insert(id), [], 'run'),
        outside,
        close: () => orm.close(),
      };
    },
  };
}

const WITHOUT_ENTITIES: Options = { entities: [], discovery: { warnWhenNoEntities: false } };

export const mikroOrmOnPostgres = tested((clientUrl) => OnPostgres.init({ ...WITHOUT_ENTITIES, clientUrl }));
export const mikroOrmOnMysql = tested((clientUrl) =>
  OnMysql.init({ ...(WITHOUT_ENTITIES as object), clientUrl }),
);
