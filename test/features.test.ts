import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFeatureTable } from './support/feature-table';

const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');

describe('README.md', () => {
  it('says of each backend which ports it has', async () => {
    const command = 'npm run docs:features';
    const written = await withFeatureTable(readme);
    expect(written === readme ? 'the table is right' : `the table is stale: ${command}`).toBe(
      'the table is right',
    );
  });

  it('would not pass with a stale table', async () => {
    const stale = readme.replace(/^\| `listing`.*\n/m, '');
    expect(stale).not.toBe(readme);
    expect(await withFeatureTable(stale)).toBe(readme);
  });
});
