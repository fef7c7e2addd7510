import { printedSchema } from '../backends/schema-cases';

describe('The command job-queue-schema', () => {
  it('prints how it is used when asked', async () => {
    expect(await printedSchema('--help')).toMatch(/^Usage: job-queue-schema <database>/);
  });

  it.each([
    { what: 'no database', args: [], message: '"" is not a database' },
    {
      what: 'an unknown database',
      args: ['oracle'],
      message: '"oracle" is not a database: name one of postgres',
    },
    { what: 'two databases', args: ['sqlite', 'mysql'], message: '"sqlite mysql" is not a database' },
    { what: 'an unknown option', args: ['sqlite', '--tabel', 'x'], message: "Unknown option '--tabel'" },
    {
      what: 'an option without its value',
      args: ['sqlite', '--table'],
      message: "'--table <value>' argument missing",
    },
    {
      what: 'a layout that there is not',
      args: ['sqlite', '--from', '99'],
      message: '--from must be an integer from 0 to',
    },
    {
      what: 'a name that is none',
      args: ['sqlite', '--table', 'a;b'],
      message: 'table name "a;b" is not an identifier',
    },
    {
      what: "another database's option",
      args: ['mysql', '--schema', 'x'],
      message: 'schema is not for MySQL',
    },
  ])('refuses $what with exit code 2, and prints no SQL', async ({ args, message }) => {
    await expect(printedSchema(...args)).rejects.toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message) as string,
    });
  });
});
