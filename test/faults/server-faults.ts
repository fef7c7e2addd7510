import { describeClocks } from './clocks';
import { describeCuts } from './cuts';
import { describeKills } from './kills';
import { describeMisbehaviour } from './misbehaviour';
import { describeOutages } from './outages';
import { describeResults } from './results';
import { describeSchedules } from './schedules';
import { describeSignals } from './signals';
import { describeSupervision } from './supervision';
import type { ServerSystem } from './support/system';

/** All that can happen to a queue on a server. */
export function describeServerFaults(system: ServerSystem): void {
  describe(`A queue on ${system.name}`, () => {
    beforeAll(() => system.start(), 60_000);
    afterEach(() => system.restore(), 60_000);
    afterAll(() => system.remove());

    describeKills(system);
    describeSignals(system);
    describeOutages(system);
    describeCuts(system);
    describeClocks(system);
    describeMisbehaviour(system);
    describeSupervision(system);
    // beanstalkd keeps none of both.
    if (system.name !== 'beanstalkd') {
      describeSchedules(system);
      describeResults(system);
    }
  });
}
