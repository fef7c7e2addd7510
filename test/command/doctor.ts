import type { Examined } from '../../lib/core/contract/ports/examination';
import { CommandLine } from './command-line';

/** What `job-queue doctor` finds, by what it looked at: `{ vacuum: ['autovacuum is off for …'] }`. */
export async function found(url: string, ...args: string[]): Promise<Record<string, string[]>> {
  const { code, stdout, stderr } = await new CommandLine(url).run(['doctor', '--json', ...args]);
  if (stdout === '') throw new Error(`The doctor has said nothing but: ${stderr}`);
  const examined = JSON.parse(stdout) as Examined[];
  const ill = examined.filter(({ findings }) => findings.length > 0);
  expect(code).toBe(ill.length === 0 ? 0 : 1);
  for (const { findings } of ill) for (const { remedy } of findings) expect(remedy).not.toBe('');
  return Object.fromEntries(
    ill.map(({ about, findings }) => [about, findings.map(({ finding }) => finding)]),
  );
}

/** What it looked at. */
export async function lookedAt(url: string): Promise<Record<string, string>> {
  const examined = JSON.parse((await new CommandLine(url).run(['doctor', '--json'])).stdout) as Examined[];
  return Object.fromEntries(examined.map(({ about, seen }) => [about, seen]));
}
