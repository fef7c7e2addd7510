import { InvalidConfigurationError } from '../../core/contract/errors';
import { conformanceCases } from './conformance-cases';
import { ConformanceRun } from './conformance-run';
import type { OpenBackend } from './open-backend';

/** The part of a test runner that the suite uses: what jest, vitest and node:test have in common. */
export interface TestRunner {
  describe(name: string, define: () => void): unknown;
  readonly it: {
    (name: string, run: () => Promise<void>, timeoutInMilliseconds?: number): unknown;
    skip(name: string, run: () => Promise<void>): unknown;
  };
  afterAll(run: () => Promise<void>): unknown;
}

/** A rule that the backend does not keep, by its name. The test report shows the reason. */
export interface SkippedCase {
  readonly case: string;
  readonly reason: string;
}

export interface BackendConformanceOptions {
  readonly skip?: readonly SkippedCase[];
  /** The global `describe`, `it` and `afterAll` by default. For node:test: `{ describe, it, afterAll: after }`. */
  readonly runner?: TestRunner;
  /**
   * Where the line goes that names the ports which the backend does not have, when all cases have run.
   * @default standard error
   */
  readonly print?: (line: string) => void;
}

const CASE_TIMEOUT_MILLISECONDS = 60_000;

/**
 * Registers one test for every rule of the contract: call it at the top of a test file. `open` returns a
 * connected backend; it is called when the first test runs, and again by the test that closes one. The tests
 * keep to pipelines with names of their own and clear them, so the server may be shared.
 *
 * Each port under `features` has cases of its own. A backend without the port passes them as long as `feature()`
 * refuses the port; the run then ends with a line such as `mine has no: listing, transactions`.
 *
 * @throws {InvalidConfigurationError} for a skip without a reason or of a case that does not exist, and where there is
 * no test runner
 * @example
 * backendConformance('mine', async () => {
 *   const backend = new MyBackend();
 *   await backend.connect();
 *   return { backend, close: () => backend.close() };
 * });
 */
export function backendConformance(
  name: string,
  open: OpenBackend,
  { skip = [], runner = globalRunner(), print = toStandardError }: BackendConformanceOptions = {},
): void {
  const reasons = reasonsToSkip(skip);
  const cases = conformanceCases.filter((each) => !reasons.has(each.name));
  const run = new ConformanceRun(open, cases);
  runner.describe(name, () => {
    for (const each of cases) {
      runner.it(each.title, () => run.result(each), CASE_TIMEOUT_MILLISECONDS);
    }
    for (const [skipped, reason] of reasons) {
      runner.it.skip(`${skipped} (skipped: ${reason})`, () => Promise.resolve());
    }
    runner.afterAll(async () => {
      const absent = await run.absences();
      if (absent.length > 0) print(`${name} has no: ${absent.join(', ')}`);
      await run.close();
    });
  });
}

function toStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}

function reasonsToSkip(skip: readonly SkippedCase[]): Map<string, string> {
  for (const { case: name, reason } of skip) {
    if (!conformanceCases.some((each) => each.name === name)) {
      throw new InvalidConfigurationError(
        `There is no conformance case "${name}" to skip: look for its new name.`,
      );
    }
    if (reason.trim() === '') {
      throw new InvalidConfigurationError(
        `The skip of the conformance case "${name}" has no reason: give one.`,
      );
    }
  }
  return new Map(skip.map(({ case: name, reason }) => [name, reason]));
}

function globalRunner(): TestRunner {
  const { describe, it, afterAll } = globalThis as Partial<TestRunner>;
  if (!describe || !it || !afterAll) {
    throw new InvalidConfigurationError(
      'There is no global describe, it and afterAll: pass those of the test runner as the option "runner".',
    );
  }
  return { describe, it, afterAll };
}
