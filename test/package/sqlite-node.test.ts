import { join } from 'node:path';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { run } from './command';
import { installNode } from './node-release';

/* SQLite as newer releases of Node bring it along, without any package; what is compiled here does not load there. */

const ROOT = join(__dirname, '../..');
const FILES = ['sqlite', 'sqlite-file', 'sqlite-ids', 'sqlite-refusals'].map(
  (name) => `test/backends/${name}.test.ts`,
);

// Another Node is downloaded, and whole suites run on it.
jest.setTimeout(180_000);

describe.each(['22.16.0', '24.21.0'])('Node %s', (release) => {
  let folder: TemporaryFolder;

  beforeAll(async () => {
    folder = await temporaryFolder('node');
  });
  afterAll(() => folder.remove());

  it('passes the conformance suite, and what is SQLite’s own, on node:sqlite', async () => {
    const node = await installNode(release, join(folder.path, 'node'));
    const jest = join(ROOT, 'node_modules/jest/bin/jest.js');
    const args = ['--selectProjects', 'default', '--maxWorkers', '1', '--json', '--runTestsByPath', ...FILES];
    const printed = await run(node, [jest, ...args], { cwd: ROOT, environment: { BACKENDS: 'sqlite' } });
    const report = JSON.parse(printed.slice(printed.indexOf('{'))) as Report;
    expect(report).toMatchObject({
      numFailedTests: 0,
      numFailedTestSuites: 0,
      numTotalTestSuites: FILES.length,
    });
    const titles = report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.map((it) => it.fullName),
    );
    expect(titles.filter((title) => title.includes('node:sqlite')).length).toBeGreaterThan(50);
  });
});

/** What is used of jest's own. */
interface Report {
  readonly testResults: readonly { readonly assertionResults: readonly { readonly fullName: string }[] }[];
}
