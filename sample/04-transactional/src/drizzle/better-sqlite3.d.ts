/** What the sample uses of better-sqlite3, which has no types of its own. */
declare module 'better-sqlite3' {
  class Database {
    constructor(file: string);
    pragma(text: string): unknown;
    exec(sql: string): unknown;
  }

  export = Database;
}
