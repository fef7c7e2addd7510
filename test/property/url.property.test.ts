import { inspect } from 'node:util';
import fc from 'fast-check';
import { openBackend } from '../../lib/backends/open-backend';
import { JobQueueError } from '../../lib/index';

/* A URL of a backend is opened or refused with one of our errors, and no password in it is ever shown. */

const PASSWORD = 'S3cretWord';

const scheme = fc.constantFrom(
  'postgres',
  'postgresql',
  'mysql',
  'mariadb',
  'sqlite',
  'beanstalkd',
  'redis',
  '',
);
const odd = fc.constantFrom(
  '',
  '/',
  '//',
  ':',
  '@',
  '?',
  '#',
  '%',
  '%zz',
  ' ',
  '[',
  ']',
  '\0',
  '\n',
  '\\',
  '٣',
  '😀',
);
const host = fc.oneof(
  fc.constantFrom('127.0.0.1', 'h', '[::1]', 'h1,h2', 'h:999999', 'h:-1', 'h:1:2', ''),
  odd,
);
const query = fc.oneof(
  fc.constantFrom('', '?ssl=true', '?sslmode=verify-full', `?password=${PASSWORD}`, '?unknown=1', '?a=%'),
  odd,
);

const url = fc
  .tuple(scheme, odd, host, odd, query)
  .map(
    ([name, before, at, path, rest]) => `${name}://user${before}:${PASSWORD}@${at}/${path}database${rest}`,
  );

it('opens or refuses, and shows no password', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(url, fc.string({ unit: 'binary' })), async (text) => {
      try {
        // Nothing is connected yet.
        const backend = await openBackend(text);
        expect(inspect(backend, { depth: 10, showHidden: true })).not.toContain(PASSWORD);
      } catch (error) {
        if (!(error instanceof JobQueueError)) throw error;
        expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(PASSWORD);
      }
    }),
    { numRuns: 1000, seed: 1 },
  );
});
