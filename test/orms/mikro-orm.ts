import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { MikroORM as OnMysql } from '@mikro-orm/mysql';
import { type EntityManager, MikroORM as OnPostgres, type Options } from '@mikro-orm/postgresql';
import { installPackages } from '../support/installed-packages';
import { insert, type TestedLibrary, versionOf } from './library';

const version = versionOf('@mikro-orm/core');

function tested(init: (url: string) => Promise<unknown>): TestedLibrary {
  return {
    name: 'MikroORM',
    version,
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

const ON_SQLITE = '@mikro-orm/better-sqlite';
let installed: Promise<string> | undefined;

afterAll(async () => {
  if (installed) await rm(await installed, { recursive: true, force: true });
});

/** Its package asks for better-sqlite3 11, which would be compiled. */
export const mikroOrmOnSqlite = tested(async (dbName) => {
  const folder = await (installed ??= installPackages('mikro-orm', [`${ON_SQLITE}@${version}`]));
  const { MikroORM } = createRequire(join(folder, 'package.json'))(ON_SQLITE) as {
    MikroORM: { init(options: object): Promise<unknown> };
  };
  return MikroORM.init({ ...WITHOUT_ENTITIES, dbName });
});
