import { sqlBackend } from '../../lib/typeorm';
import { mysqlServer } from '../support/test-servers';
import { found } from './doctor';
import { sqlPlaces } from './places';

jest.setTimeout(120_000);

async function makeTables(url: string): Promise<void> {
  const backend = sqlBackend(url);
  await backend.connect();
  await backend.close();
}

describe('job-queue doctor on MySQL and MariaDB', () => {
  it('finds which rights a role lacks', async () => {
    const place = await sqlPlaces[mysqlServer()]();
    const name = new URL(place.url).pathname.slice(1);
    const user = name.replace('test_', 'r_');
    await makeTables(place.url);
    await place.ask(`create user '${user}'@'%' identified by 'Secret-1'`);
    try {
      await place.ask(`grant select on ${name}.* to '${user}'@'%'`);
      const limited = new URL(place.url);
      [limited.username, limited.password] = [user, 'Secret-1'];
      expect(await found(limited.href)).toMatchObject({
        rights: [expect.stringMatching(/no INSERT on .*no UPDATE on .*_events.*/)],
      });
    } finally {
      await place.ask(`drop user '${user}'@'%'`);
      await place.remove();
    }
  });
});
