import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { flagOf, OPTION_NAMES, variableOf } from '../lib/nest/worker-command/option-table';

const root = join(__dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const guide = read('docs/production.md');

describe('docs/production.md', () => {
  it.each(OPTION_NAMES)('has %s on the command line, in code and in the environment', (name) => {
    expect(guide).toMatch(
      new RegExp(`^\\| \`--${flagOf(name)}( [^\`]+)?\` \\| \`${name}: .*\` \\| \`${variableOf(name)}=`, 'm'),
    );
  });

  const named = [
    ...`${guide}${read('docs/engines.md')}`.matchAll(/`((?:test|lib)\/[^`]+\.ts)`: "([^"]+)"/g),
  ].map(([, file = '', title = '']) => ({
    file,
    title,
  }));

  it('names tests for its guarantees', () => {
    expect(named.length).toBeGreaterThan(20);
  });

  it.each(named)('names a test that exists: $file, $title', ({ file, title }) => {
    expect(read(file)).toContain(title);
  });
});
