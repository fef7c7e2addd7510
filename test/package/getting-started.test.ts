import { join } from 'node:path';
import { devDependencies } from '../../package.json';
import { freePort } from '../support/servers/free-port';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder';
import { WorkerProcess } from '../support/worker-process';
import { NewProject } from './new-project';
import { packPackage } from './packed-package';
import { StackDocument } from './stack-of-document';

/* docs/getting-started.md, followed from its first line: in the project that Nest's own command makes, on the packed package. */

// A project is made, installed and built, beside other tests.
jest.setTimeout(240_000);

let folder: TemporaryFolder;
let tarball: string;
let page: StackDocument;

beforeAll(async () => {
  folder = await temporaryFolder('getting-started');
  [tarball, page] = await Promise.all([packPackage(folder.path), StackDocument.read('getting-started.md')]);
});

afterAll(() => folder.remove());

describe('a project of Nest 11, which is of CommonJS', () => {
  let project: NewProject;

  beforeAll(async () => {
    project = await NewProject.make(join(folder.path, '11'), '11.0.24');
    await project.install({ 'nestjs-simple-job-queue': tarball, ...SQLITE });
    // As the page says: there these imports have no ending.
    for (const [name, source] of page.files()) {
      if (name.endsWith('.ts')) await project.write(`src/${name}`, source.replace(/\.js';$/gm, "';"));
    }
  });

  it('greets who signs up', async () => {
    await project.build();
    await greets(project);
  });

  it('has no worker when it is built with --webpack, and has one with the configuration of the page', async () => {
    await project.build('--webpack');
    expect(await project.built()).not.toContain('worker.js');
    await project.write('webpack.config.js', page.files().get('webpack.config.js'));
    await project.build('--webpack');
    await greets(project);
  });
});

it('a project of Nest 12, which is of ES modules, greets who signs up', async () => {
  const project = await NewProject.make(join(folder.path, '12'), devDependencies['@nestjs/cli'], [
    '--no-observe',
  ]);
  await project.install({ 'nestjs-simple-job-queue': tarball, ...SQLITE });
  for (const [name, source] of page.files()) {
    if (name.endsWith('.ts')) await project.write(`src/${name}`, source);
  }
  await project.build();
  await greets(project);
});

const SQLITE = { 'better-sqlite3': devDependencies['better-sqlite3'] };

/** Starts both processes; one signs up as the page does, and once more in vain. */
async function greets({ folder: cwd }: NewProject): Promise<void> {
  const port = String(await freePort());
  const web = new WorkerProcess('dist/main.js', { cwd, environment: { PORT: port } });
  const worker = new WorkerProcess('dist/worker.js', { cwd });
  try {
    await Promise.all([
      web.prints('Nest application successfully started'),
      worker.prints('works on send_important_emails'),
    ]);
    for (const email of ['ada@example.com', 'nobody']) {
      const { status } = await fetch(`http://localhost:${port}/sign-up`, {
        method: 'POST',
        body: new URLSearchParams({ email }),
      });
      expect(status).toBe(201);
    }
    await worker.prints('to ada@example.com: Welcome');
    await worker.prints('is buried at attempt 1: nobody is no address');
    worker.signal('SIGINT');
    expect(await worker.exitCode()).toBe(0);
    expect(worker.output).toContain('Worker has stopped in order');
  } finally {
    await Promise.all([web.kill(), worker.kill()]);
  }
}
