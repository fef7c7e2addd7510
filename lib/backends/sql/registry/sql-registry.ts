import type {
  Heard,
  Membership,
  Registry,
  WorkerProcess,
  WorkerReport,
} from '../../../core/contract/ports/registry';
import type { Engine } from '../engine/engine';
import { LifeSign } from './life-sign';
import { livingWorkers } from './living-workers';
import { Neighbours } from './neighbours';

/** One row for each process and queue, found by the primary key. The table has no more rows than processes. */
export class SqlRegistry implements Registry {
  private readonly lifeSign: LifeSign;
  private readonly neighbours: Neighbours;
  private joined = 0;

  constructor(
    private readonly process: string,
    /** Throws when the backend is closed. */
    private readonly engine: () => Engine,
  ) {
    this.lifeSign = new LifeSign(process);
    this.neighbours = new Neighbours(process, engine);
  }

  join(): Membership {
    this.joined += 1;
    const id = `${this.process}.${this.joined.toString(36)}`;
    return { beat: (report) => this.beat(id, report), leave: () => this.leave(id) };
  }

  async list(): Promise<WorkerProcess[]> {
    return livingWorkers(this.engine().dialect);
  }

  /** Nobody can prove any more that this process is gone, or lives. */
  close(): void {
    this.neighbours.close();
    this.lifeSign.close();
  }

  private async beat(id: string, report: WorkerReport): Promise<Heard> {
    const { db, now } = this.engine().dialect;
    const place = await this.lifeSign.open();
    const { host, pid, version = null, pipelines, concurrency, running } = report;
    const state = [pipelines.join(' '), concurrency, running];
    const known = await db.change(
      `update ${this.table} set pipelines = ?, concurrency = ?, running = ?, seen_at = ${now} where id = ?`,
      [...state, id],
    );
    if (known === 0) {
      await db.change(
        `insert into ${this.table} (id, host, pid, version, place, pipelines, concurrency, running, started_at, seen_at)
values (?, ?, ?, ?, ?, ?, ?, ?, ${now}, ${now})`,
        [id, host, pid, version, place ?? null, ...state],
      );
    }
    return { provable: place !== undefined && (await this.neighbours.watch(place)) };
  }

  private async leave(id: string): Promise<void> {
    await this.engine().dialect.db.change(`delete from ${this.table} where id = ?`, [id]);
  }

  private get table(): string {
    return this.engine().dialect.table.side('workers');
  }
}
