import * as drivers from './drivers';
import * as drizzle from './drizzle';
import * as knex from './knex';
import * as kysely from './kysely';
import type { TestedLibrary } from './library';
import { mikroOrmOnMysql, mikroOrmOnPostgres, mikroOrmOnSqlite } from './mikro-orm';
import { ownObjectOnBetterSqlite3, ownObjectOnMysql2, ownObjectOnPg } from './own-object';
import { prismaOnMysql, prismaOnPostgres, prismaOnSqlite } from './prisma';
import { sequelize } from './sequelize';

const onMysql = [
  drivers.mysql2,
  drivers.mysql2Promise,
  ownObjectOnMysql2,
  drizzle.drizzleOnMysql2,
  kysely.kyselyOnMysql2,
  knex.knexOnMysql2,
  mikroOrmOnMysql,
  prismaOnMysql,
  sequelize,
];

/** The libraries whose transactions are tested, by the database. */
export const libraries: Readonly<Record<string, readonly TestedLibrary[]>> = {
  postgres: [
    drivers.pg,
    ownObjectOnPg,
    drivers.postgresJs,
    drizzle.drizzleOnPg,
    drizzle.drizzleOnPostgresJs,
    kysely.kyselyOnPg,
    knex.knexOnPg,
    mikroOrmOnPostgres,
    prismaOnPostgres,
    sequelize,
  ],
  mariadb: onMysql,
  mysql: onMysql,
  sqlite: [
    drivers.betterSqlite3,
    ownObjectOnBetterSqlite3,
    drizzle.drizzleOnBetterSqlite3,
    kysely.kyselyOnBetterSqlite3,
    knex.knexOnBetterSqlite3,
    mikroOrmOnSqlite,
    prismaOnSqlite,
  ],
};
