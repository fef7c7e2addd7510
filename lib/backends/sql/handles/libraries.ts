import { drizzle } from './drizzle';
import type { Handle, Recognise } from './handle';
import { knex } from './knex';
import { kysely } from './kysely';
import { mikroOrm } from './mikro-orm';
import { plain } from './plain';
import { prisma } from './prisma';
import { sequelize } from './sequelize';

/** The libraries whose transactions are taken, whatever the database. None is loaded: they are known by their shape. */
const LIBRARIES: readonly Recognise[] = [prisma, drizzle, kysely, knex, mikroOrm, sequelize];

export function libraryHandle(given: unknown): Handle | undefined {
  return firstOf(LIBRARIES, given);
}

/** As `libraryHandle`, with those of the database's own drivers before, and anything that takes queries behind. */
export function handleOf(given: unknown, drivers: readonly Recognise[]): Handle | undefined {
  return firstOf([...drivers, ...LIBRARIES, plain], given);
}

function firstOf(recognisers: readonly Recognise[], given: unknown): Handle | undefined {
  for (const recognise of recognisers) {
    const handle = recognise(given);
    if (handle) return handle;
  }
  return undefined;
}
