import { describeFiles } from './files';
import { describeKills } from './kills';
import { describeMisbehaviour } from './misbehaviour';
import { describeResults } from './results';
import { describeSchedules } from './schedules';
import { describeSignals } from './signals';
import { describeSupervision } from './supervision';
import { sqlite } from './support/system';

describe('A queue in a SQLite file', () => {
  describeFiles();
  describeKills(sqlite);
  describeSignals(sqlite);
  describeMisbehaviour(sqlite);
  describeSupervision(sqlite);
  describeSchedules(sqlite);
  describeResults(sqlite);
});
