import { Command } from 'commander';
import { libraryVersion } from '../core/process/library-version';
import { withoutCredentials } from './print/plain-text';
import type { Session } from './session';
import { doctorVerb } from './verbs/database/doctor';
import { importVerb } from './verbs/database/import';
import { sqlVerb } from './verbs/database/sql';
import { addVerb } from './verbs/jobs/add';
import { buryVerb } from './verbs/jobs/bury';
import { cancelVerb } from './verbs/jobs/cancel';
import { deleteVerb } from './verbs/jobs/delete';
import { kickVerb } from './verbs/jobs/kick';
import { listVerb } from './verbs/jobs/list';
import { showVerb } from './verbs/jobs/show';
import { clearVerb } from './verbs/queue/clear';
import { pauseVerbs } from './verbs/queue/pause';
import { schedulesVerb } from './verbs/queue/schedules';
import { statsVerb } from './verbs/queue/stats';
import { workersVerb } from './verbs/queue/workers';
import { completionVerb } from './verbs/shell/completion';

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
    .version(libraryVersion() ?? 'unknown', '--version', 'print the version of the library')
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
