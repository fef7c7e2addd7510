import { PooledExecutor } from './pooled-executor';

/** For PostgreSQL, which numbers its parameters: statements that all databases share are written with `?`. */
export class NumberedExecutor extends PooledExecutor {
  private readonly numbered = new Map<string, string>();

  override rows<Row extends object>(sql: string, parameters?: readonly unknown[]): Promise<Row[]> {
    return super.rows(this.number(sql), parameters);
  }

  override change(sql: string, parameters?: readonly unknown[]): Promise<number> {
    return super.change(this.number(sql), parameters);
  }

  private number(sql: string): string {
    if (!sql.includes('?')) return sql;
    const known = this.numbered.get(sql);
    if (known !== undefined) return known;
    let position = 0;
    const numbered = sql.replace(/\?/g, () => `$${(position += 1)}`);
    this.numbered.set(sql, numbered);
    return numbered;
  }
}
