import { Argument, type Command } from 'commander';
import type { Session } from '../../session';

const EXAMPLES = `
Examples:
  $ job-queue sql postgres --schema app | psql "$DATABASE_URL" --single-transaction -v ON_ERROR_STOP=1
  $ job-queue sql mysql --from 1 | mysql app`;

interface Options {
  readonly from: string;
  readonly compression?: true;
}

export function sqlVerb(program: Command, session: Session): void {
  const { backends, screen } = session;
  const titles = backends.databases.map(({ name, title }) => `${name} (${title})`).join(', ');
  program
    .command('sql')
    .description(
      'print the SQL that makes the tables, or brings older ones to the newest layout; needs no queue',
    )
    .addArgument(new Argument('<database>', titles).choices(backends.databases.map(({ name }) => name)))
    .option(
      '--from <layout>',
      'the layout that the tables have now, 0 for none; the newest one prints the database functions alone',
      '0',
    )
    .option('--compression', 'the option compression, MySQL and MariaDB only')
    .addHelpText('after', EXAMPLES)
    .action((database: string, { from, compression }: Options) => {
      screen.write(backends.sql(database, { ...session.tables, from, ...(compression && { compression }) }));
    });
}
