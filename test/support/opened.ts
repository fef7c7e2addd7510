interface Closable {
  close(): Promise<unknown>;
}

/** What a test has opened, to be closed even when the test fails: what stays open keeps the whole run alive. */
export class Opened {
  private readonly all: Closable[] = [];

  add<T extends Closable>(one: T): T {
    this.all.push(one);
    return one;
  }

  /** The last one first. */
  async close(): Promise<void> {
    for (const one of this.all.splice(0).reverse()) await one.close();
  }
}
