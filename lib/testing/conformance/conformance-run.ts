import { featureNames, type Features } from '../../core/contract/features';
import type { ConformanceCase } from './conformance-case';
import type { OpenBackend, OpenedBackend } from './open-backend';

/** Runs cases on one backend, which it opens when the first result is asked for. */
export class ConformanceRun {
  private opened: Promise<OpenedBackend> | undefined;
  private slow: Map<ConformanceCase, Promise<void>> | undefined;

  constructor(
    private readonly open: OpenBackend,
    private readonly cases: readonly ConformanceCase[],
  ) {}

  /** The slow cases spend their time waiting, so the first of them starts all: together they take a few seconds. */
  result(one: ConformanceCase): Promise<void> {
    if (!one.slow) return this.start(one);
    this.slow ??= new Map(this.cases.filter(({ slow }) => slow).map((each) => [each, this.start(each)]));
    return this.slow.get(one) ?? this.start(one);
  }

  /** The ports that the backend does not have; none as long as it has not been opened. */
  async absences(): Promise<readonly (keyof Features)[]> {
    const opened = await this.opened?.catch(() => undefined);
    return opened ? featureNames.filter((name) => !opened.backend.features[name]) : [];
  }

  async close(): Promise<void> {
    // Those whose tests do not run, because the runner runs some tests only.
    if (this.slow) await Promise.allSettled(this.slow.values());
    const opened = await this.opened;
    await opened?.close();
  }

  private start(one: ConformanceCase): Promise<void> {
    this.opened ??= this.open();
    const result = this.opened.then((opened) => one.run(opened, this.open));
    // Its own test reports it, but perhaps only in some seconds: no unhandled rejection until then.
    result.catch(() => undefined);
    return result;
  }
}
