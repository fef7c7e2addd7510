/** What the benchmark uses of better-sqlite3, which has no types of its own. */
declare module 'better-sqlite3' {
  interface Statement {
    run(...parameters: readonly unknown[]): unknown;
    all(...parameters: readonly unknown[]): unknown[];
    get(...parameters: readonly unknown[]): unknown;
  }

  class Database {
    constructor(file: string, options?: { readonly timeout: number });
    pragma(text: string): unknown;
    exec(sql: string): unknown;
    prepare(sql: string): Statement;
    transaction<A extends unknown[], R>(work: (...args: A) => R): { immediate(...args: A): R };
    close(): void;
  }

  export = Database;
}
