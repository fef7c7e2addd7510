import { constants } from 'node:fs';
import { access, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '../../core/checks/text';
import { InvalidConfigurationError } from '../../core/contract/errors';
import type { Logger } from '../../core/contract/logger';

const BETWEEN_BEATS_MS = 5000;

/** What has to answer before a beat. */
export interface Pulse {
  /** Resolves when the backend has answered; rejects, or never settles, when it does not. */
  ping(): Promise<void>;
}

/**
 * A file whose modification time shows that the worker is well: it is written only while the event loop turns and every
 * backend answers. An orderly end removes it; after any other end it gets old.
 */
export class Heartbeat {
  private timer: NodeJS.Timeout | undefined;
  private asking = false;
  private writing: Promise<void> | undefined;
  private failing = false;

  private constructor(
    private readonly file: string,
    private readonly logger: Logger,
  ) {}

  /** @throws {InvalidConfigurationError} when no file can be written there */
  static async at(file: string, logger: Logger): Promise<Heartbeat> {
    try {
      await access(dirname(file), constants.W_OK);
    } catch (error) {
      throw new InvalidConfigurationError(
        `The heartbeat file ${file} cannot be written: make its folder, and let this user write there.`,
        { cause: error },
      );
    }
    return new Heartbeat(file, logger);
  }

  start(pulses: readonly Pulse[]): void {
    this.timer = setInterval(() => void this.beat(pulses), BETWEEN_BEATS_MS);
    void this.beat(pulses);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.writing;
    await rm(this.file, { force: true });
  }

  private async beat(pulses: readonly Pulse[]): Promise<void> {
    // Commands to a frozen server would pile up.
    if (this.asking) return;
    this.asking = true;
    const answered = await allAnswer(pulses);
    this.asking = false;
    if (answered && this.timer) await (this.writing = this.write());
  }

  private async write(): Promise<void> {
    try {
      await writeFile(this.file, `${process.pid} ${new Date().toISOString()}\n`);
      this.failing = false;
    } catch (error) {
      if (!this.failing)
        this.logger.error(
          `The heartbeat file cannot be written, and whoever looks at its age takes this process for dead: ${messageOf(error)}`,
        );
      this.failing = true;
    }
  }
}

async function allAnswer(pulses: readonly Pulse[]): Promise<boolean> {
  try {
    await Promise.all(pulses.map((pulse) => pulse.ping()));
    return true;
  } catch {
    // The workers log that a backend does not answer.
    return false;
  }
}
