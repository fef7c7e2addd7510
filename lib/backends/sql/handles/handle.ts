import { read } from '../../../core/checks/text';

/** A transaction of the application's, as the library hands it out that has begun it. */
export interface Handle {
  /** As people call it. */
  readonly library: string;
  /** False when the library itself says that no transaction is under way; it may say yes too long. */
  readonly underWay: boolean;
  /**
   * Runs one statement, with the placeholders of its database, and resolves with what the library answers. The values are
   * texts, numbers and null.
   */
  ask(sql: string, values: readonly unknown[], yieldsRows: boolean): Promise<unknown>;
}

/** The handle of what is given, where that is of the library; it looks at the shape alone. */
export type Recognise = (given: unknown) => Handle | undefined;

type Method = (...values: readonly unknown[]) => unknown;

/** A method of somebody's object; undefined where it has none. */
export function methodOf(given: unknown, name: string): Method | undefined {
  const found = read(given, name);
  return typeof found === 'function' ? (found.bind(given) as Method) : undefined;
}
