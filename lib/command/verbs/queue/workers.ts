import type { Command } from 'commander';
import { feature } from '../../../core/contract/features';
import type { WorkerProcess } from '../../../core/contract/ports/registry';
import { ageOf } from '../../print/moments';
import { cell } from '../../print/plain-text';
import type { Cell, Column } from '../../print/screen';
import type { Session } from '../../session';

const EXAMPLES = `
Examples:
  $ job-queue workers
  $ job-queue workers --json | jq '[.[].pipelines[]] | unique'

A process that died is on the list for at most 15 seconds more.`;

const COLUMNS: readonly Column[] = [
  { title: 'HOST' },
  { title: 'PID', number: true },
  { title: 'VERSION' },
  { title: 'RUNNING', number: true },
  { title: 'AT MOST', number: true },
  { title: 'UP', number: true },
  { title: 'HEARD OF', number: true },
  { title: 'PIPELINES' },
];

export function workersVerb(program: Command, session: Session): void {
  program
    .command('workers')
    .description('the processes that run workers, and on what')
    .addHelpText('after', EXAMPLES)
    .action(async () => {
      const { screen } = session;
      const workers = await session.withQueue((queue) => feature(queue, 'registry').list());
      if (screen.json) return screen.value(workers);
      screen.table(COLUMNS, workers.map(rowOf));
      if (workers.length === 0) screen.note('No process runs workers.');
    });
}

function rowOf(worker: WorkerProcess): readonly Cell[] {
  const { host, pid, version = '', pipelines, concurrency, running, startedAt, seenAt } = worker;
  return [
    { text: cell(host) },
    { text: String(pid) },
    { text: cell(version) },
    { text: String(running), ...(running > 0 && { style: 'green' as const }) },
    { text: String(concurrency) },
    { text: ageOf(startedAt) },
    { text: `${ageOf(seenAt)} ago` },
    { text: pipelines.join(', ') },
  ];
}
