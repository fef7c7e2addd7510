import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import { jsonCodec } from '../../lib/core/payload/payload-codec';
import { CodeSchedules, type ScheduledHandler } from '../../lib/nest/schedules/code-schedules';
import { TestClock } from '../../lib/testing/test-clock';

/* Processes of a deploy, each with the schedules that its version of the code has. */

const HOUR = 3600;
const DAY = 24 * HOUR;

describe('the schedules of the code', () => {
  const clock = new TestClock();
  const backend = memoryBackend({ clock });
  const { schedules } = backend.features;
  const told: string[] = [];

  beforeEach(async () => {
    told.splice(0);
    await backend.connect();
    for (const { name } of await schedules.list({ offset: 0, limit: 100 })) await schedules.remove(name);
  });

  const handler = (pipeline: string, cron: string): ScheduledHandler => ({
    pipeline,
    schema: undefined,
    where: `${pipeline}.handle`,
    schedule: { cron },
    settings: { ttr: undefined },
  });

  function another(): CodeSchedules {
    const note = (message: string) => void told.push(message);
    const one = new CodeSchedules(backend, jsonCodec, { log: note, warn: note, error: note }, () =>
      clock.now(),
    );
    processes.push(one);
    return one;
  }
  async function started(...handlers: ScheduledHandler[]): Promise<CodeSchedules> {
    const one = another();
    await one.start(handlers, handlers);
    return one;
  }
  const processes: CodeSchedules[] = [];
  afterEach(() => {
    for (const one of processes.splice(0)) one.close();
  });

  const names = async () => (await schedules.list({ offset: 0, limit: 100 })).map(({ name }) => name);

  it('are those of the newer start, and an old process that goes on does not write its own back', async () => {
    const old = await started(handler('report', '0 3 * * *'));
    await started(handler('report', '0 4 * * *'));
    clock.advance(HOUR);
    await old.announce();
    expect((await schedules.find('report'))?.cron).toBe('0 4 * * *');
  });

  it('are removed when no process has announced them for a day, and those of applications stay', async () => {
    const old = await started(handler('report', '0 3 * * *'), handler('gone', '0 3 * * *'));
    await schedules.set({
      name: 'of the application',
      pipeline: 'mail',
      cron: '0 3 * * *',
      timeZone: 'UTC',
      payload: '1',
      priority: 1,
      ttr: 60,
      missed: 'once',
      overlap: true,
      source: 'api',
    });
    old.close();
    const recent = await started(handler('report', '0 3 * * *'));
    for (let hours = 1; hours < 24; hours += 1) {
      clock.advance(HOUR);
      await recent.announce();
    }
    expect(await names()).toEqual(['gone', 'of the application', 'report']);
    clock.advance(HOUR);
    await recent.announce();
    expect(await names()).toEqual(['of the application', 'report']);
    expect(told).toEqual(['Schedules removed, which no process has announced for a day: gone']);
  });

  it('stay while the processes of their role are scaled to none, and are stored by that role alone', async () => {
    (await started(handler('monthly', '0 3 1 * *'))).close();
    const mail = another();
    await mail.start(
      [handler('mails', '0 6 * * *')],
      [handler('mails', '0 6 * * *'), handler('monthly', '0 4 1 * *')],
    );
    for (let hour = 0; hour < 72; hour += 1) {
      clock.advance(HOUR);
      await mail.announce();
    }
    expect(await names()).toEqual(['mails', 'monthly']);
    expect((await schedules.find('monthly'))?.cron).toBe('0 3 1 * *');
    await schedules.remove('monthly');
    await mail.announce();
    expect(await names()).toEqual(['mails']);
  });

  it('are removed by processes without schedules, too: the last one may have left the code', async () => {
    (await started(handler('gone', '0 3 * * *'))).close();
    const without = await started();
    for (let hours = 1; hours <= 24; hours += 1) {
      clock.advance(HOUR);
      await without.announce();
    }
    expect(await names()).toEqual([]);
  });

  it('outlive an outage of two days, whoever comes back first', async () => {
    const one = await started(handler('report', '0 3 * * *'));
    const other = await started(handler('mail', '0 3 * * *'));
    clock.advance(2 * DAY);
    await one.announce();
    expect(await names()).toEqual(['mail', 'report']);
    await other.announce();
    clock.advance(HOUR);
    await one.announce();
    expect(await names()).toEqual(['mail', 'report']);
  });

  it('come back when somebody has removed them and a process still has them', async () => {
    const one = await started(handler('report', '0 3 * * *'));
    await schedules.remove('report');
    await one.announce();
    expect(await names()).toEqual(['report']);
  });
});
