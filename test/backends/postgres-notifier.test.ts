import type { SqlExecutor } from '../../lib/backends/sql/connection/executor';
import { PostgresNotifier } from '../../lib/backends/sql/postgres/wake-up/postgres-notifier';
import type { Clock } from '../../lib/core/time/clock';
import { until } from '../support/until';

function notifierOf(answer: () => Promise<unknown> = () => Promise.resolve(), clock?: Clock) {
  const sent: string[][] = [];
  const db = {
    rows: (_sql: string, [, pipelines]: [string, string[]]) => {
      sent.push(pipelines);
      return answer();
    },
  } as unknown as SqlExecutor;
  return { notifier: new PostgresNotifier(db, `public.${'x'.repeat(80)}`, clock), sent };
}

/** As another process would read them. */
function pipelinesOf(messages: readonly string[] | undefined): (string | undefined)[] | undefined {
  const { notifier } = notifierOf();
  return messages?.map((message) => notifier.pipelineOf(message));
}

describe('the notifier of PostgreSQL', () => {
  it('tells of each pipeline once in a notification, on a channel that LISTEN takes whole', async () => {
    const { notifier, sent } = notifierOf();
    expect(notifier.channel).toHaveLength(63);
    notifier.tell(['mail', 'letters']);
    notifier.tell(['mail']);
    await until('it has told', () => sent.length === 1);
    expect(sent.map(pipelinesOf)).toEqual([['mail', 'letters']]);
  });

  it('lets a put carry what waits, and the next one carry nothing so soon after', async () => {
    const { notifier, sent } = notifierOf(undefined, { now: () => 0 });
    notifier.tell(['mail']);
    const notice = notifier.withPut(['reports', 'mail']);
    expect(notice?.channel).toBe(notifier.channel);
    expect(pipelinesOf(notice?.messages)).toEqual(['mail', 'reports']);
    expect(notifier.withPut(['reports'])).toBeUndefined();
    notifier.tell(['letters']);
    await until('it has told what the put could not', () => sent.length === 1);
    expect(sent.map(pipelinesOf)).toEqual([['letters']]);
  });

  it('goes on after a notification that failed', async () => {
    const { notifier, sent } = notifierOf(() => Promise.reject(new Error('gone')));
    notifier.tell(['mail']);
    await until('it has tried', () => sent.length === 1);
    notifier.tell(['letters']);
    await until('it has tried again', () => sent.length === 2);
  });

  it('tells what waits before it ends, and nothing when nothing waits', async () => {
    const { notifier, sent } = notifierOf();
    notifier.tell([]);
    await notifier.close();
    expect(sent).toEqual([]);
    notifier.tell(['mail']);
    await notifier.close();
    expect(sent.map(pipelinesOf)).toEqual([['mail']]);
  });

  it('passes over its own messages, and takes those of others, also of older versions and by hand', async () => {
    const { notifier, sent } = notifierOf();
    notifier.tell(['mail']);
    await until('it has told', () => sent.length === 1);
    expect(sent[0]?.map((message) => notifier.pipelineOf(message))).toEqual([undefined]);
    expect(['mail', 'mail 5 7', 'mail abc'].map((message) => notifier.pipelineOf(message))).toEqual([
      'mail',
      'mail',
      'mail',
    ]);
  });
});
