import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EMAILS_CSV, readEmailsCsv } from '../../sample/01-send-important-emails/src/emails/emails-csv';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder';

const HEADER = 'to,subject,body,delay,priority';

describe("the sample's CSV file", () => {
  let folder: TemporaryFolder;
  let file: string;

  beforeEach(async () => {
    folder = await temporaryFolder('csv');
    file = join(folder.path, 'emails.csv');
  });

  afterEach(() => folder.remove());

  async function read(content: string | Buffer) {
    await writeFile(file, content);
    return readEmailsCsv(file);
  }

  it('has what the sample ships: 200 e-mails or more of every kind', async () => {
    const orders = await readEmailsCsv(EMAILS_CSV);
    expect(orders.length).toBeGreaterThanOrEqual(200);
    expect(orders.some(({ options }) => options.delay)).toBe(true);
    expect(orders.some(({ options }) => options.priority === 0)).toBe(true);
    expect(orders.some(({ email }) => email.to.endsWith('@refused.example'))).toBe(true);
    expect(orders.some(({ email }) => email.to.endsWith('@flaky.example'))).toBe(true);
  });

  it('gives quoted fields as they are: commas, quotes, line breaks, any script', async () => {
    const orders = await read(
      `${HEADER}\n"ada@example.com","a, ""b""","one\ntwo, ""three""\n\n日本 🙂 שלום",,\n`,
    );
    expect(orders).toEqual([
      {
        email: { to: 'ada@example.com', subject: 'a, "b"', body: 'one\ntwo, "three"\n\n日本 🙂 שלום' },
        options: {},
      },
    ]);
  });

  it('takes delay and priority, and leaves out what is empty', async () => {
    const orders = await read(
      `${HEADER}\na@example.com,,,1.5,0\nb@example.com,,,,4294967295\nc@example.com,,, 2 ,\n`,
    );
    expect(orders.map(({ options }) => options)).toEqual([
      { delay: 1.5, priority: 0 },
      { priority: 4294967295 },
      { delay: 2 },
    ]);
  });

  it('does not mind a byte order mark, CRLF, blank lines, another order of columns, more columns', async () => {
    const orders = await read(
      '\uFEFFname,priority,delay,body,subject,to\r\n\r\nAda,7,,"x\r\ny",Hi,ada@example.com\r\n\r\n',
    );
    expect(orders).toEqual([
      { email: { to: 'ada@example.com', subject: 'Hi', body: 'x\ny' }, options: { priority: 7 } },
    ]);
  });

  it.each(['ada.l+x@example.com', "o'brien@example.com", 'δοκιμή@παράδειγμα.example', 'A@EXAMPLE.ORG'])(
    'takes the address %s',
    async (to) => {
      const [order] = await read(`${HEADER}\n${to},,,,\n`);
      expect(order?.email.to).toBe(to);
    },
  );

  const good = 'ada@example.com,"two\r\nlines",body,,\r\n';
  it.each([
    ['no address', ',s,b,,', ':4: to "" is no e-mail address'],
    ['no @', 'ada,s,b,,', ':4: to "ada" is no e-mail address'],
    ['two addresses', '"a@example.com, b@example.com",s,b,,', ':4: to "a@example.com, b@example.com" is no'],
    ['two dots', 'a..b@example.com,s,b,,', ':4: to "a..b@example.com" is no'],
    ['no host name', 'a@exa_mple.com,s,b,,', ':4: to "a@exa_mple.com" is no'],
    ['a delay that is no number', 'a@example.com,s,b,soon,', ':4: delay "soon" is not possible: use seconds'],
    ['a delay below 0', 'a@example.com,s,b,-1,', ':4: delay "-1" is not possible'],
    ['a delay beyond all limits', 'a@example.com,s,b,4294967296,', ':4: delay "4294967296" is not possible'],
    ['a broken priority', 'a@example.com,s,b,,1.5', ':4: priority "1.5" is not possible: use a whole number'],
    ['a priority in letters', 'a@example.com,s,b,,high', ':4: priority "high" is not possible'],
    ['a field too few', 'a@example.com,s,b,', ':4: the row has not as many fields as the first line'],
    ['a field too many', 'a@example.com,s,b,,,', ':4: the row has not as many fields as the first line'],
    [
      'a quote that is never closed',
      'a@example.com,"s,b,,\nb@example.com,s,b,,',
      ':4: a quoted field of this row',
    ],
    ['a quote inside a field', 'a@example.com,the "s",b,,', ':4: a quote in the middle of a field'],
  ])('refuses %s, naming the line', async (_what, row, message) => {
    await expect(read(`${HEADER}\r\n${good}${row}\r\n`)).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringContaining(`${file}${message}`) as string,
    });
  });

  it.each([
    ['', ' is empty'],
    ['\uFEFF\r\n', ' is empty'],
    [HEADER, ': there is no e-mail in it'],
    ['to,subject,body,priority\n', ':1: no column delay'],
    ['to;subject;body;delay;priority\n', ':1: no column to, subject, body, delay, priority'],
    [Buffer.from(`${HEADER}\nada@example.com,gr\xFC\xDFe,,,\n`, 'latin1'), ' is not UTF-8 text'],
    [Buffer.from(`\uFEFF${HEADER}\n`, 'utf16le'), ' is not UTF-8 text'],
  ])('refuses the file %j', async (content, message) => {
    await expect(read(content)).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringContaining(`${file}${message}`) as string,
    });
  });

  it('refuses a file that is not there, and a folder', async () => {
    await expect(readEmailsCsv(join(folder.path, 'none.csv'))).rejects.toThrow(
      /none\.csv cannot be read: ENOENT/,
    );
    await expect(readEmailsCsv(folder.path)).rejects.toThrow(/cannot be read: EISDIR/);
  });
});
