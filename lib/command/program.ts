import { Command } from 'commander';
import { withoutCredentials } from './print/plain-text';
import type { Session } from './session';
import { addVerb } from './verbs/add';
import { buryVerb } from './verbs/bury';
import { cancelVerb } from './verbs/cancel';
import { clearVerb } from './verbs/clear';
import { completionVerb } from './verbs/completion';
import { deleteVerb } from './verbs/delete';
import { doctorVerb } from './verbs/doctor';
import { importVerb } from './verbs/import';
import { kickVerb } from './verbs/kick';
import { listVerb } from './verbs/list';
import { pauseVerbs } from './verbs/pause';
import { schedulesVerb } from './verbs/schedules';
import { showVerb } from './verbs/show';
import { sqlVerb } from './verbs/sql';
import { statsVerb } from './verbs/stats';
import { workersVerb } from './verbs/workers';

const VERBS = [
  ...[
    statsVerb,
    listVerb,
    showVerb,
    addVerb,
    kickVerb,
    buryVerb,
    cancelVerb,
    deleteVerb,
    clearVerb,
    pauseVerbs,
  ],
  ...[schedulesVerb, workersVerb, doctorVerb, importVerb, sqlVerb, completionVerb],
];

const EXAMPLES = `
Examples:
  $ export JOB_QUEUE_URL=postgres://queue:secret@db.example.com/app
  $ job-queue stats --watch
  $ job-queue list mail --state buried
  $ job-queue kick mail --reason ECONNREFUSED --since 1h --dry-run
  $ job-queue stats --json

Exit codes: 0 done, 1 it could not be done, 2 what was written cannot be meant.`;

/** The command line, without what its verbs work with. */
export function newProgram(): Command {
  return new Command('job-queue')
    .description('Looks at a queue of nestjs-simple-job-queue, and changes it, without the application.')
    .option('--url <url>', 'the queue; a URL in JOB_QUEUE_URL is not seen by other users of this machine')
    .option('--table <name>', 'the option table of the queue (default: job_queue_jobs)')
    .option('--schema <name>', 'the option schema of the queue, PostgreSQL only (default: public)')
    .option('--json', 'print results as JSON')
    .option('--yes', 'ask nothing')
    .helpOption('--help', 'print this')
    .helpCommand(false)
    .showHelpAfterError('(--help shows how it is used)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(withoutCredentials(text)) })
    .exitOverride()
    .addHelpText('after', EXAMPLES);
}

export function addVerbs(program: Command, session: Session): Command {
  for (const verb of VERBS) verb(program, session);
  return program;
}
