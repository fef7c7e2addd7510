import { machine } from './machine';
import { type Options, parseOptions } from './options';
import { installPeers } from './peers-installation';
import { writeDocument } from './report/document';
import { tableOf } from './report/table';
import { readResults, type Results, writeResults } from './results';
import { Servers } from './servers';
import { Session } from './session';

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const [file, ...files] = options.from;
  const results = file === undefined ? await measured(options) : await readResults([file, ...files]);
  process.stdout.write(`${tableOf(results)}\n`);
  if (options.document) await writeDocument(results);
  if (results.failures.length > 0) process.exitCode = 1;
}

async function measured({ scale, measurements, entries }: Options): Promise<Results> {
  if (entries.some(({ kind }) => kind === 'peer')) installPeers();
  const startedAt = new Date().toISOString();
  const servers = new Servers();
  try {
    await servers.start(entries);
    const described = await machine(entries, servers);
    const session = new Session(scale, measurements, entries, servers);
    // Ctrl+C ends the measuring; what was measured until then is kept.
    process.once('SIGINT', () => session.stop());
    await session.run();
    const { samples, failures } = session;
    const results = { startedAt, scale, machine: described, samples, failures };
    process.stderr.write(`${await writeResults(results)}\n`);
    return results;
  } finally {
    await servers.stop();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
