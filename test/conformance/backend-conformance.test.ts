import type { QueueBackend } from '../../lib/core/contract/backend';
import { featureNames } from '../../lib/core/contract/features';
import { memoryBackend } from '../../lib/testing';
import { backendConformance, type TestRunner } from '../../lib/testing/conformance/backend-conformance';
import { conformanceCases } from '../../lib/testing/conformance/conformance-cases';

async function openMemory() {
  const backend = memoryBackend();
  await backend.connect();
  return { backend, close: () => backend.close() };
}

/** Keeps what is registered instead of running it. */
class RecordingRunner implements TestRunner {
  readonly tests = new Map<string, () => Promise<void>>();
  readonly skipped: string[] = [];
  readonly ends: (() => Promise<void>)[] = [];
  readonly it = Object.assign((name: string, run: () => Promise<void>) => this.tests.set(name, run), {
    skip: (name: string) => this.skipped.push(name),
  });

  describe(_name: string, define: () => void): void {
    define();
  }

  afterAll(run: () => Promise<void>): void {
    this.ends.push(run);
  }
}

describe('backendConformance', () => {
  it('names every case once', () => {
    const names = conformanceCases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(featureNames)('has cases for the port %s', (name) => {
    expect(conformanceCases.filter(({ port }) => port === name)).not.toEqual([]);
  });

  it('registers every case with the runner that it is given', () => {
    const runner = new RecordingRunner();
    backendConformance('mine', openMemory, { runner });
    expect(runner.tests.size).toBe(conformanceCases.length);
    expect(runner.skipped).toEqual([]);
  });

  it('skips a case and says why', () => {
    const runner = new RecordingRunner();
    const skip = [{ case: '200 characters', reason: 'its names end at 100' }];
    backendConformance('mine', openMemory, { skip, runner });
    expect(runner.tests.size).toBe(conformanceCases.length - 1);
    expect(runner.skipped).toEqual(['200 characters (skipped: its names end at 100)']);
  });

  it('refuses to skip a case that does not exist', () => {
    const skip = [{ case: 'no such case', reason: 'none' }];
    expect(() => backendConformance('mine', openMemory, { skip, runner: new RecordingRunner() })).toThrow(
      'There is no conformance case "no such case"',
    );
  });

  it('refuses a skip without a reason', () => {
    const skip = [{ case: '200 characters', reason: ' ' }];
    expect(() => backendConformance('mine', openMemory, { skip, runner: new RecordingRunner() })).toThrow(
      'has no reason',
    );
  });

  it('opens nothing before a test runs, one backend for all of them, and closes it at the end', async () => {
    const runner = new RecordingRunner();
    const open = jest.fn(openMemory);
    backendConformance('mine', open, { runner });
    expect(open).not.toHaveBeenCalled();
    await runner.tests.get('names: 200 characters')?.();
    await runner.tests.get('payloads: the empty string')?.();
    expect(open).toHaveBeenCalledTimes(1);
    const { backend } = (await open.mock.results[0]?.value) as Awaited<ReturnType<typeof openMemory>>;
    for (const end of runner.ends) await end();
    await expect(backend.inspect.stats('any')).rejects.toMatchObject({ code: 'BACKEND_CLOSED' });
  });

  it('tells at the end which ports the backend does not have', async () => {
    const runner = new RecordingRunner();
    const printed: string[] = [];
    const print = (line: string) => printed.push(line);
    backendConformance('mine', openMemory, { runner, print });
    await runner.tests.get('payloads: the empty string')?.();
    expect(printed).toEqual([]);
    for (const end of runner.ends) await end();
    const { features } = memoryBackend() as QueueBackend;
    const absent = featureNames.filter((name) => !features[name]);
    expect(printed).toEqual([`mine has no: ${absent.join(', ')}`]);
  });

  it('passes the cases of a port that the backend does not have, and runs those of one that it has', async () => {
    const runner = new RecordingRunner();
    const listing = { list: () => Promise.reject(new Error('listed')) };
    const open = async () => {
      const { backend, close } = await openMemory();
      return {
        backend: Object.create(backend, { features: { value: { listing } } }) as typeof backend,
        close,
      };
    };
    backendConformance('mine', open, { runner, print: () => undefined });
    const run = (start: string) =>
      [...runner.tests].find(([name]) => name.startsWith(start))?.[1]() ?? Promise.reject(new Error('none'));
    await run('where it has transactions: ');
    await expect(run('where it has listing: ')).rejects.toThrow('listed');
    for (const end of runner.ends) await end();
  });

  it('fails each test of a backend that cannot be opened', async () => {
    const runner = new RecordingRunner();
    backendConformance('mine', () => Promise.reject(new Error('no server')), { runner });
    await expect(runner.tests.get('names: 200 characters')?.()).rejects.toThrow('no server');
  });
});
