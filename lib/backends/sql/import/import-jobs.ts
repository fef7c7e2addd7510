import { InvalidConfigurationError } from '../../../core/contract/errors';
import { silentLogger } from '../../../core/contract/logger';
import type { ImportOptions, ImportTally } from '../../../core/contract/ports/import';
import type { SqlDialect } from '../engine/dialect';
import { ensureLayout } from '../layouts/ensure-layout';
import type { TableOptions } from '../open/sql-options';
import { systemOfUrl } from '../open/sql-systems';
import { limitsOf } from '../puts/put-pieces';
import { UniquePuts } from '../puts/unique-puts';
import { type OldJob, OldJobs } from './old-jobs';
import { type TakenJob, takenJob } from './taken-job';
import { Tallies } from './tallies';

const REASON = 'buried in simple-job-queue';

/**
 * Takes over the jobs of a table of the PHP library simple-job-queue, which is only read: in the order of their ids, a
 * page in a transaction. A job that an earlier run has taken over is not taken over again, whatever became of it.
 *
 * @throws {InvalidConfigurationError} while a PHP worker seems to be at work, unless that was said
 */
export async function importJobs(
  url: string,
  choice: TableOptions,
  options: ImportOptions,
): Promise<ImportTally[]> {
  const from = systemOfUrl(options.from);
  const target = await systemOfUrl(url).open(url, { ...choice, migrate: false }, silentLogger);
  try {
    await target.dialect.checkServer();
    await ensureLayout(target.dialect, false);
    // Only opened: its own table of ours, if it has one, is none of our business.
    const source = await from.open(options.from, { migrate: false }, silentLogger);
    try {
      await source.dialect.checkServer();
      const old = new OldJobs(source.dialect.db.patient, from.importWords, options);
      return await new Import(target.dialect, old, options).run();
    } finally {
      await source.close();
    }
  } finally {
    await target.close();
  }
}

class Import {
  private readonly tallies = new Tallies();
  private readonly puts: UniquePuts;

  constructor(
    private readonly target: SqlDialect,
    private readonly old: OldJobs,
    private readonly options: ImportOptions,
  ) {
    this.puts = new UniquePuts(target, limitsOf(target));
  }

  async run(): Promise<ImportTally[]> {
    const [clock] = await this.target.db.rows<{ now: string | number }>(`select ${this.target.now} as now`);
    const now = Number(clock?.now);
    await this.refuseWhileHeld(now);
    for await (const page of this.old.pages()) await this.takePage(page, now);
    return this.tallies.all;
  }

  private async refuseWhileHeld(now: number): Promise<void> {
    if (this.options.whileWorkersRun || this.options.dryRun) return;
    const held = await this.old.heldLately(now);
    if (held === 0) return;
    throw new InvalidConfigurationError(
      `PHP workers have reserved ${held} jobs within the last five minutes, and would run them beside ours: stop them and wait that long, or take over only what they leave alone, with --while-workers-run.`,
    );
  }

  private async takePage(page: readonly OldJob[], now: number): Promise<void> {
    const { table, renamed, whileWorkersRun } = this.options;
    const taken: { readonly old: OldJob; readonly job: TakenJob }[] = [];
    for (const old of page) {
      const job = takenJob(old, table, renamed, now);
      if (typeof job === 'string') this.tallies.refused(old.pipeline, job);
      else if (whileWorkersRun && job.state !== 'buried') this.tallies.count(old.pipeline, 'left');
      else taken.push({ old, job });
    }
    const jobs = taken.map(({ job }) => job);
    const isNew = this.options.dryRun ? await this.unknown(jobs) : await this.stored(jobs);
    for (const [index, { old, job }] of taken.entries()) {
      this.tallies.count(old.pipeline, isNew[index] ? job.state : 'known');
      if (isNew[index] && !job.isJson) this.tallies.count(old.pipeline, 'notJson');
      if (isNew[index] && !job.keepsTtr) this.tallies.count(old.pipeline, 'otherTtr');
    }
  }

  /** Which of them no earlier run has taken over. */
  private async unknown(jobs: readonly TakenJob[]): Promise<boolean[]> {
    if (jobs.length === 0) return [];
    const { table, now, db } = this.target;
    const keys = jobs.map(({ row }) => row.unique.key);
    const known = await db.rows<{ unique_key: string }>(
      `select unique_key from ${table.keys} where held_until > ${now} and unique_key in (${keys.map(quoted).join(', ')})`,
    );
    const names = new Set(known.map(({ unique_key: key }) => key));
    return keys.map((key) => !names.has(key));
  }

  /** Stores them, and returns which of them are new. */
  private async stored(jobs: readonly TakenJob[]): Promise<boolean[]> {
    if (jobs.length === 0) return [];
    const rows = jobs.map(({ row }) => row);
    await this.target.unique.prepare?.(rows);
    const isNew = await this.target.db.patient.transaction(async (session) => {
      const puts = await this.puts.put(rows, session);
      for (const [index, { id, existed }] of puts.entries()) {
        if (existed) continue;
        const { state, addedAt, attempts, buriedAt } = jobs[index]!;
        const burial =
          state === 'buried' ? `, state = 'buried', reason = '${REASON}', due_at = ${buriedAt}` : '';
        await session.change(
          `update ${this.target.table.jobs} set attempts = ${attempts}, added_at = ${addedAt}${burial} where id = ${id}`,
        );
      }
      return puts.map(({ existed }) => !existed);
    });
    this.target.announce([...new Set(rows.map(({ pipeline }) => pipeline))]);
    return isNew;
  }
}

/** Our own keys have no quotation mark but in the name of a table. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
