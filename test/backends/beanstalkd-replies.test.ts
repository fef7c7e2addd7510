import type { Socket } from 'node:net';
import { ReplyReader } from '../../lib/backends/beanstalkd/connection/reply-reader';
import { beanstalkdBackend } from '../../lib/beanstalkd';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { coded } from '../support/coded';
import { Opened } from '../support/opened';
import { put } from '../support/put';
import { ok, type Script, scriptedBeanstalkd, type ScriptedBeanstalkd } from '../support/scripted-beanstalkd';
import { startBeanstalkd } from '../support/servers/beanstalkd';

const MEBIBYTE = 1024 * 1024;
const job = { payload: '1', priority: 1024, delay: 0, ttr: 60 };
const opened = new Opened();

afterEach(() => opened.close());

async function scripted(script: Readonly<Record<string, Script>>): Promise<ScriptedBeanstalkd> {
  return opened.add(await scriptedBeanstalkd(script));
}

async function open(options: { port: number; timeout?: number }): Promise<QueueBackend> {
  const backend = opened.add(beanstalkdBackend(options));
  await backend.connect();
  return backend;
}

/** Sends the piece again and again until the connection is gone. */
function forever(socket: Socket, piece: () => string | Buffer, everyMs = 0): undefined {
  const timer = setInterval(() => socket.write(piece()), everyMs);
  socket.on('close', () => clearInterval(timer));
}

describe('the oldest unanswered command', () => {
  it('has a deadline, whatever is sent after it', async () => {
    const server = await startBeanstalkd();
    opened.add({ close: () => server.remove() });
    const backend = await open({ port: server.port, timeout: 2 });
    server.freeze();
    const later: Promise<unknown>[] = [];
    const steady = setInterval(() => later.push(backend.put('mails', [job]).catch(() => undefined)), 250);
    opened.add({ close: () => Promise.resolve(clearInterval(steady)) });
    await expect(backend.put('mails', [job])).rejects.toThrow(/does not answer within 2 s/);
    clearInterval(steady);
    server.thaw();
    await Promise.all(later);
  });

  it('has a deadline, whatever arrives of its answer', async () => {
    const server = await scripted({
      'stats-tube': (_, socket) => forever(socket, () => 'x', 50),
      'list-tubes': (_, socket) => {
        socket.write('OK 100000\r\n');
        return forever(socket, () => 'x', 50);
      },
    });
    const backend = await open({ port: server.port, timeout: 0.5 });
    await expect(backend.inspect.stats('mails')).rejects.toThrow(/does not answer within 0.5 s/);
    await expect(backend.inspect.pipelines()).rejects.toThrow(/does not answer within 0.5 s/);
  });
});

describe('a reply that no beanstalkd gives', () => {
  const endless = 'x'.repeat(16_384);

  it.each<[string, Script, RegExp]>([
    ['a line without end', (_, socket) => forever(socket, () => endless), /a line of more than/],
    ['a body larger than any job', () => 'FOUND 1 4000000000\r\n', /a body of 4000000000 bytes/],
    ['a body without a size', () => 'FOUND 1 many\r\n', /FOUND without its numbers/],
    ['a body of less than nothing', () => 'FOUND 1 -7\r\n', /FOUND without its numbers/],
    [
      'a body that does not end where it should',
      () => 'FOUND 1 3\r\nabcdef\r\n',
      /FOUND with a body that is longer/,
    ],
    ['a job without an id', () => 'FOUND 3\r\nabc\r\n', /FOUND without its numbers/],
  ])('%s ends the connection', async (_, reply, problem) => {
    const server = await scripted({ peek: reply });
    const backend = await open({ port: server.port });
    const found = expect(backend.inspect.find('1')).rejects;
    await found.toThrow(coded('BACKEND_UNAVAILABLE'));
    await expect(backend.inspect.find('1')).rejects.toThrow(problem);
  });

  it.each(['INSERTED', 'INSERTED ', 'INSERTED x', 'INSERTED 1 2'])('"%s" is no success', async (reply) => {
    const server = await scripted({ put: () => `${reply}\r\n` });
    const backend = await open({ port: server.port });
    await expect(backend.put('mails', [job])).rejects.toThrow(coded('BACKEND_UNAVAILABLE'));
  });

  it('an answer to nothing ends the connection, and the next command has a new one', async () => {
    let greetings = 0;
    const server = await scripted({
      put: (_, socket) => {
        if (greetings++ > 0) return 'INSERTED 2\r\n';
        socket.end('INSERTED 1\r\nINSERTED 7\r\n');
        return undefined;
      },
    });
    const backend = await open({ port: server.port });
    expect(await put(backend, 'mails', [job])).toEqual(['1']);
    expect(await put(backend, 'mails', [job])).toEqual(['2']);
  });
});

describe('commands that look for a job', () => {
  it('have an end when every job is gone as soon as it was found', async () => {
    const server = await scripted({
      'peek-ready': () => 'FOUND 1 3\r\nabc\r\n',
      'stats-job': () => 'NOT_FOUND\r\n',
    });
    const backend = await open({ port: server.port });
    await expect(backend.inspect.peek('mails', 'ready')).rejects.toThrow(coded('BACKEND_UNAVAILABLE'));
  });
});

it('the id of a job has up to 64 bits', async () => {
  const largest = '18446744073709551615';
  const server = await scripted({
    peek: ([id]) => (id === largest ? `FOUND ${id} 1\r\n7\r\n` : 'NOT_FOUND\r\n'),
    'stats-job': () => ok('---\ntube: mails\nstate: ready\n'),
  });
  const backend = await open({ port: server.port });
  expect(await backend.inspect.find(largest)).toMatchObject({ id: largest, payload: '7' });
  const { length } = server.asked;
  expect(await backend.inspect.find('18446744073709551616')).toBeUndefined();
  expect(server.asked).toHaveLength(length);
});

it('a body that comes in many pieces is read in time that grows as it does', () => {
  const replies: string[] = [];
  const reader = new ReplyReader(MEBIBYTE * 32, ({ word, body }) => replies.push(`${word} ${body.length}`));
  reader.read(Buffer.from(`FOUND 7 ${MEBIBYTE * 32}\r\n`));
  const piece = Buffer.alloc(1024, 'x');
  // To copy what has come before with every piece would take minutes.
  for (let pieces = 0; pieces < MEBIBYTE / 32; pieces++) reader.read(piece);
  expect(replies).toEqual([]);
  reader.read(Buffer.from('\r\nNOT_FOUND\r\nDELE'));
  reader.read(Buffer.from('TED\r\n'));
  expect(replies).toEqual([`FOUND ${MEBIBYTE * 32}`, 'NOT_FOUND 0', 'DELETED 0']);
});
