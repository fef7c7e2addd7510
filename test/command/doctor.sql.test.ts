import { NEWEST_LAYOUT } from '../../lib/backends/sql/layouts/layout';
import { sqlBackend } from '../../lib/typeorm';
import { until } from '../support/until';
import { ailmentsOn, spoil } from './ailments';
import { found, lookedAt } from './doctor';
import { selectedSqlPlaces, type SqlPlace, sqlPlaces } from './places';

jest.setTimeout(120_000);

describe.each(selectedSqlPlaces())('job-queue doctor on %s', (name) => {
  let place: SqlPlace;

  beforeEach(async () => {
    place = await sqlPlaces[name]();
    const backend = sqlBackend(place.url);
    await backend.connect();
    await backend.close();
  });
  afterEach(() => place.remove());

  it('finds nothing on a right server, and says what it has looked at', async () => {
    expect(await found(place.url)).toEqual({});
    expect(await lookedAt(place.url)).toMatchObject({
      server: expect.stringMatching(/^(PostgreSQL|MySQL|MariaDB|SQLite) \d+\./) as string,
      layout: expect.stringContaining(`layout ${NEWEST_LAYOUT} in`) as string,
      rights: 'this role may do what a worker does',
      clock: expect.stringMatching(/^\d+ ms from this machine's$/) as string,
      pipelines: '0 with jobs: 0 ready, 0 reserved, 0 buried; processes with workers: 0',
      schedules: '0',
      rows: 'all within the rule',
    });
  });

  const ailments = ailmentsOn(name);

  it(`finds each of ${ailments.length} things that are wrong, and nothing else`, async () => {
    const heal = await spoil(name, place);
    try {
      const all = await until(
        'everything is old enough to be found',
        async () => {
          const seen = await found(place.url, '--patience', '3s');
          return ailments.every(({ about }) => seen[about]) ? seen : undefined;
        },
        { within: 60 },
      );
      const missed = ailments.filter(({ about, finding }) => !all[about]?.some((each) => finding.test(each)));
      expect(missed).toEqual([]);
      const known = (about: string, text: string) =>
        ailments.some((ailment) => ailment.about === about && ailment.finding.test(text));
      const more = Object.entries(all).flatMap(([about, texts]) =>
        texts.filter((text) => !known(about, text)),
      );
      expect(more).toEqual([]);
    } finally {
      await heal();
    }
  });
});
