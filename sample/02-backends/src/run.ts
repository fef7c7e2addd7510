import { join } from 'node:path';
import { startSharedServers, stopSharedServers } from '../../../test/support/shared-servers';
import { needsServer } from '../../../test/support/test-servers';
import { command } from '../../01-send-important-emails/src/command';
import { CommandError } from '../../01-send-important-emails/src/command.error';
import { demonstrate } from '../../01-send-important-emails/src/demo/demonstration';
import { interruption } from '../../01-send-important-emails/src/demo/interruption';
import { readEmailsCsv } from '../../01-send-important-emails/src/emails/emails-csv';
import { comparison, type Run } from './comparison';
import { runOptions } from './run-options';
import { type System, SYSTEMS, type SystemName } from './systems';

const OUT = join(__dirname, '..', 'out');
const USAGE = `npm run sample:backends -- [--backends ${Object.keys(SYSTEMS).join(',')}] [--input FILE.csv]`;

/** Runs the application of sample 01 on one system after the other, and compares. */
void command(USAGE, async () => {
  const { backends, input } = runOptions(process.argv.slice(2), process.env);
  // A mistake in the file is told before a server starts.
  await readEmailsCsv(input);
  const interrupted = interruption();
  try {
    await startServers(backends);
    const runs: Run[] = [];
    for (const backend of backends) {
      runs.push(await runOn(SYSTEMS[backend], input, join(OUT, backend), interrupted));
    }
    console.log(`\n${comparison(runs)}`);
  } finally {
    await stopSharedServers();
  }
});

async function startServers(backends: readonly SystemName[]): Promise<void> {
  const titles = backends.map((backend) => SYSTEMS[backend].title);
  console.log(`The application of sample 01, one after the other on ${titles.join(', ')}`);
  // Where the tests, too, say which servers they need.
  process.env.BACKENDS = backends.join(',');
  try {
    await startSharedServers(backends.filter(needsServer));
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

async function runOn(system: System, input: string, out: string, interrupted: AbortSignal): Promise<Run> {
  console.log(`\n━━ ${system.title} ${'━'.repeat(60 - system.title.length)}\n`);
  const queue = await system.freshQueue(out);
  try {
    const mailFolder = join(out, 'mail');
    const demonstrated = await demonstrate({ input, mailFolder, out, queueUrl: queue.url }, interrupted);
    return { title: system.title, ...demonstrated };
  } finally {
    await queue.drop();
  }
}
