import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger } from '../../lib/core/contract/logger';
import { Heartbeat, type Pulse } from '../../lib/nest/worker-command/heartbeat';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { until } from '../support/until';

/** A backend that answers when it is told. */
class Patient implements Pulse {
  asked = 0;
  private answer: (() => void) | undefined;

  constructor(private readonly well: boolean) {}

  ping(): Promise<void> {
    this.asked += 1;
    if (this.well) return Promise.resolve();
    return new Promise((resolve) => (this.answer = resolve));
  }

  recover(): void {
    this.answer?.();
  }
}

let folder: TemporaryFolder;
let heartbeat: Heartbeat;
let file: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder.path, 'heartbeat');
  heartbeat = await Heartbeat.at(file, silentLogger);
});

afterEach(async () => {
  await heartbeat.stop();
  await folder.remove();
});

it('beats again while the backend answers', async () => {
  heartbeat.start([new Patient(true)]);
  const { mtimeMs } = await until('it beats', () => stat(file));
  await until('it beats again', async () => (await stat(file)).mtimeMs > mtimeMs);
});

it('does not beat before every backend has answered, and asks a silent one only once', async () => {
  const [well, frozen] = [new Patient(true), new Patient(false)];
  heartbeat.start([well, frozen]);
  await until('both are asked', () => frozen.asked === 1);
  const sibling = await Heartbeat.at(`${file}-of-another`, silentLogger);
  sibling.start([well]);
  const { mtimeMs } = await until('the other one beats', () => stat(`${file}-of-another`));
  await until('the other one beats again', async () => (await stat(`${file}-of-another`)).mtimeMs > mtimeMs);
  await sibling.stop();
  expect(existsSync(file)).toBe(false);
  expect(frozen.asked).toBe(1);
  frozen.recover();
  await until('it beats', () => stat(file));
});

it('does not come back after the stop', async () => {
  const frozen = new Patient(false);
  heartbeat.start([frozen]);
  await heartbeat.stop();
  frozen.recover();
  await new Promise(setImmediate);
  expect(existsSync(file)).toBe(false);
});
