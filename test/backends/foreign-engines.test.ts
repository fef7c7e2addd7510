import { isMariadb } from '../../lib/backends/sql/mysql/connection/mysql-version';
import { refuseForeignEngine } from '../../lib/backends/sql/open/foreign-engines';
import { UnsupportedServerError } from '../../lib/index';

const NEEDED = 'PostgreSQL 12 or later';

describe('A server that only imitates PostgreSQL or MySQL', () => {
  it.each([
    { says: '8.0.11-TiDB-v8.5.6 TiDB Server (Apache License 2.0) Community Edition', name: 'TiDB' },
    { says: '5.7.25-TiDB-v6.1.0', name: 'TiDB' },
    { says: '8.0.33 Dolt', name: 'Dolt' },
    { says: '8.0.23-vitess', name: 'Vitess before 19' },
    { says: '8.0.23-PlanetScale', name: 'Vitess before 19' },
    { says: '8.0.30-Vitess Version: 18.0.2 (Git revision 1a2b3c)', name: 'Vitess before 19' },
    {
      says: 'CockroachDB CCL v25.2.1 (x86_64-pc-linux-gnu, built 2025/06/02 12:00:00, go1.23.7)',
      name: 'CockroachDB',
    },
    { says: 'PostgreSQL 11.2-YB-2.18.0.0-b0 on x86_64-pc-linux-gnu, compiled by clang', name: 'YugabyteDB' },
    { says: 'PostgreSQL 15.2-YB-2.25.1.0-b0 on x86_64-pc-linux-gnu, 64-bit', name: 'YugabyteDB' },
    { says: 'PostgreSQL 16', name: 'Aurora DSQL' },
    { says: 'PostgreSQL 14.1', name: 'Spanner' },
  ])('is refused by name and with the reason: $says', ({ says, name }) => {
    const refused = () => refuseForeignEngine(says, NEEDED);
    expect(refused).toThrow(UnsupportedServerError);
    expect(refused).toThrow(name);
    expect(refused).toThrow(/the queue needs PostgreSQL 12 or later; (it|they) /);
  });

  it('is refused before its version number is looked at', () => {
    expect(() => isMariadb('8.0.33', 'Dolt')).toThrow('Dolt is not supported');
    expect(() => isMariadb('5.7.25-TiDB-v6.1.0')).toThrow('TiDB is not supported');
  });

  it.each([
    'PostgreSQL 15.14 (Debian 15.14-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14) 12.2.0, 64-bit',
    'PostgreSQL 16.3 (EnterpriseDB Advanced Server 16.3.0) on x86_64-pc-linux-gnu, compiled by gcc, 64-bit',
    'PostgreSQL 18.6 on aarch64-unknown-linux-gnu, compiled by aarch64-unknown-linux-gnu-gcc, 64-bit',
    '8.0.36-28 Percona Server (GPL), Release 28, Revision 47601f19',
    '9.7.4 MySQL Community Server - GPL',
    '10.11.14-MariaDB-0+deb12u2 Debian 12',
    '8.0.30-Vitess Version: 19.0.4 (Git revision 1a2b3c)',
    '8.4.6-Vitess Version: 23.0.0 (Git revision 1a2b3c)',
  ])('is none of these: %s', (says) => {
    expect(() => refuseForeignEngine(says, NEEDED)).not.toThrow();
  });
});
