import { printedSchema } from '../backends/schema-cases';

describe('The command job-queue-schema', () => {
  it('prints how it is used when asked', async () => {
    expect(await printedSchema('--help')).toMatch(/^Usage: job-queue sql/);
  });

  it.each([
    { what: 'no database', args: [], message: "missing required argument 'database'" },
    {
      what: 'an unknown database',
      args: ['oracle'],
      message:
        "value 'oracle' is invalid for argument 'database'. Allowed choices are postgres, mysql, sqlite",
    },
    { what: 'two databases', args: ['sqlite', 'mysql'], message: 'too many arguments' },
    { what: 'an unknown option', args: ['sqlite', '--tabel', 'x'], message: 'Did you mean --table?' },
    {
      what: 'an option without its value',
      args: ['sqlite', '--table'],
      message: "option '--table <name>' argument missing",
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
