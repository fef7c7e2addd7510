import { mkdir, mkdtemp, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findNodeSqlite } from '../lib/backends/sql/sqlite/drivers/find-driver';
import { dependencies, exports as entryPoints, peerDependencies } from '../package.json';
import { run } from './package/command';
import { packPackage } from './package/packed-package';
import { importsOf } from './support/imports';
import { type TemporaryFolder, temporaryFolder } from './support/temporary-folder';

/* Who uses one entry point needs the optional peers of no other: neither to run nor to compile. */

const NAME = 'nestjs-simple-job-queue';
const REPOSITORY_MODULES = join(__dirname, '../node_modules');
const NEST = ['@nestjs/common', '@nestjs/core'];

/** An entry point, something that it exports, the packages that it loads at once, and those that its types name. */
const cases = [
  { entry: '.', exported: 'JobQueueModule', loads: [...NEST, 'croner', 'rxjs'], types: NEST },
  { entry: './typeorm', exported: 'typeOrmBackend', loads: ['croner', 'typeorm'], types: ['typeorm'] },
  { entry: './sql', exported: 'sqlBackend', loads: ['croner'], types: [] },
  { entry: './beanstalkd', exported: 'beanstalkdBackend', loads: [], types: [] },
  {
    entry: './bull-board',
    exported: 'JobQueueBoardModule',
    loads: ['@bull-board/api', ...NEST, 'croner', 'rxjs'],
    types: ['@nestjs/common'],
  },
  {
    entry: './opentelemetry',
    exported: 'openTelemetry',
    loads: ['@opentelemetry/api'],
    types: ['@opentelemetry/api'],
  },
  {
    entry: './terminus',
    exported: 'JobQueueHealthIndicator',
    loads: [...NEST, '@nestjs/terminus', 'croner', 'rxjs'],
    types: ['@nestjs/core', '@nestjs/terminus'],
  },
  {
    entry: './testing',
    exported: 'JobQueueTestingModule',
    loads: [...NEST, 'croner', 'rxjs'],
    types: ['@nestjs/common'],
  },
] as const;

/** Prints the names that `require` gets, and which of them `import` gets, too. */
const LOAD = `
  import { createRequire } from 'node:module';
  const [name] = process.argv.slice(1);
  const required = createRequire(import.meta.url)(name);
  const imported = await import(name);
  const names = Object.keys(required);
  console.log(JSON.stringify([names, names.filter((each) => imported[each] === required[each])]));
`;

/** Connects to a queue, and prints why that fails. */
const CONNECT = `
  const [openBackend, url] = process.argv.slice(1);
  require(openBackend).openBackend(url).then((queue) => queue.connect()).catch(({ message }) => console.log(message));
`;

// Every project has a copy of the package, and processes of its own.
jest.setTimeout(120_000);

let folder: TemporaryFolder;
let tarball: string;

beforeAll(async () => {
  folder = await temporaryFolder('entries');
  tarball = await packPackage(folder.path);
});
afterAll(() => folder.remove());

/** A new project in which our package is installed, with these packages beside it and no other. */
class Project {
  private constructor(readonly folder: string) {}

  static async with(packages: readonly string[]): Promise<Project> {
    const project = new Project(await mkdtemp(join(folder.path, 'project-')));
    await mkdir(project.pathOf(NAME), { recursive: true });
    await project.run('tar', ['-xzf', tarball, '-C', project.pathOf(NAME), '--strip-components=1']);
    for (const name of packages) {
      await mkdir(dirname(project.pathOf(name)), { recursive: true });
      await symlink(join(REPOSITORY_MODULES, name), project.pathOf(name));
    }
    return project;
  }

  pathOf(name: string): string {
    return join(this.folder, 'node_modules', name);
  }

  run(program: string, args: readonly string[]): Promise<string> {
    return run(program, args, { cwd: this.folder });
  }
}

/** The packages that a compiled file and all files behind it name. */
function packagesBehind(file: string, extension: '.js' | '.d.ts'): string[] {
  const packages = new Set<string>();
  const files = new Set([file.slice(0, -extension.length)]);
  // The set grows while the loop goes through it.
  for (const each of files) {
    const imports = importsOf(each + extension);
    imports.files.forEach((next) => files.add(next));
    imports.packages.forEach((name) => packages.add(name));
  }
  return [...packages].sort();
}

it('is about all entry points', () => {
  expect([...cases.map(({ entry }) => entry), './package.json']).toEqual(Object.keys(entryPoints));
});

describe.each(cases)('the entry point $entry', ({ entry, exported, loads, types }) => {
  it('loads, by require and by import, where only its own packages are installed', async () => {
    const project = await Project.with(loads);
    const printed = await project.run(process.execPath, [
      '--input-type=module',
      '--eval',
      LOAD,
      join(NAME, entry),
    ]);
    const [required, imported] = JSON.parse(printed) as [string[], string[]];
    expect(required).toContain(exported);
    expect(imported).toEqual(required);
  });

  it('has type definitions that name no other package', async () => {
    const project = await Project.with([]);
    expect(packagesBehind(join(project.pathOf(NAME), entryPoints[entry].types), '.d.ts')).toEqual(types);
  });

  it('names in its code only packages that package.json declares', async () => {
    const project = await Project.with([]);
    const named = packagesBehind(join(project.pathOf(NAME), entryPoints[entry].default), '.js');
    const declared = Object.keys({ ...peerDependencies, ...dependencies });
    expect(declared).toEqual(expect.arrayContaining(named));
  });
});

it.each([
  // Newer releases of Node open SQLite files by themselves.
  ['sqlite::memory:', findNodeSqlite() ? '' : 'npm install better-sqlite3'],
  ['postgres://user@localhost/jobs', 'npm install pg'],
  ['mysql://user@localhost/jobs', 'npm install mysql2'],
  ['beanstalkd://localhost', 'npm install fivebeans'],
])('tells which package %s needs, where none is installed', async (url, command) => {
  const project = await Project.with(['croner']);
  const openBackend = join(project.pathOf(NAME), 'dist/backends/open-backend.js');
  expect(await project.run(process.execPath, ['--eval', CONNECT, openBackend, url])).toContain(command);
});
