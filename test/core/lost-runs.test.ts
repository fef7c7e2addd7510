import { getEventListeners } from 'node:events';
import { LostRuns } from '../../lib/core/process/lost-runs';

describe('a job that waits for its own earlier run', () => {
  it('leaves nothing at the signal of its worker when that has ended', async () => {
    const runs = new LostRuns();
    const { signal } = new AbortController();
    for (const id of ['1', '2', '3']) {
      runs.begin(id);
      const ended = runs.whenEnded(id, signal);
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      runs.end(id);
      await ended;
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    }
  });

  it('waits no longer when its worker ends', async () => {
    const runs = new LostRuns();
    const worker = new AbortController();
    runs.begin('1');
    const ended = runs.whenEnded('1', worker.signal);
    worker.abort();
    await ended;
    expect(getEventListeners(worker.signal, 'abort')).toHaveLength(0);
    expect(runs.whenEnded('2', worker.signal)).toBeUndefined();
  });
});
