import { beanstalkdUrl, mysqlUrl, postgresUrl } from './test-servers';

describe('The URL of a test server', () => {
  it.each([
    { variable: 'TEST_POSTGRES_URL', url: postgresUrl },
    { variable: 'TEST_MARIADB_URL', url: mysqlUrl },
    { variable: 'TEST_BEANSTALKD_URL', url: beanstalkdUrl },
  ])('is that of $variable, and without it an error that says what to do', ({ variable, url }) => {
    const before = process.env[variable];
    process.env[variable] = 'scheme://somewhere';
    expect(url()).toBe('scheme://somewhere');
    delete process.env[variable];
    expect(url).toThrow(variable);
    if (before !== undefined) process.env[variable] = before;
  });
});
