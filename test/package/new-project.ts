import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command';
import { installPackages, takeCompiledAddon } from './installation';

/** What a new project needs to be built. It brings linters and test runners, too, which take minutes to install. */
const TO_BUILD = [
  '@nestjs/cli',
  '@nestjs/schematics',
  '@types/express',
  '@types/node',
  'ts-loader',
  'typescript',
  'vitest',
];

type Versions = Readonly<Record<string, string>>;

interface Manifest {
  dependencies: Versions;
  devDependencies: Versions;
}

/** A project as `nest new` makes it. */
export class NewProject {
  private constructor(readonly folder: string) {}

  /** By that version of @nestjs/cli. */
  static async make(parent: string, cli: string, options: readonly string[] = []): Promise<NewProject> {
    await mkdir(parent);
    const command = ['new', 'app', '--skip-git', '--skip-install', '--package-manager', 'npm', ...options];
    await run('npx', ['--yes', `@nestjs/cli@${cli}`, ...command], { cwd: parent });
    return new NewProject(join(parent, 'app'));
  }

  /** Installs what it needs to be built and to run, and these packages. */
  async install(packages: Versions): Promise<void> {
    const path = join(this.folder, 'package.json');
    const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest;
    const { dependencies, devDependencies } = manifest;
    manifest.devDependencies = Object.fromEntries(
      Object.entries(devDependencies).filter(([name]) => TO_BUILD.includes(name)),
    );
    manifest.dependencies = { ...dependencies, ...packages };
    await writeFile(path, JSON.stringify(manifest));
    await installPackages(this.folder);
    await takeCompiledAddon(this.folder);
  }

  async write(name: string, text = ''): Promise<void> {
    await writeFile(join(this.folder, name), text);
  }

  /** `npx nest build` with these options. */
  async build(...options: readonly string[]): Promise<void> {
    await run('npx', ['nest', 'build', ...options], { cwd: this.folder });
  }

  /** What stands in `dist`. */
  built(): Promise<string[]> {
    return readdir(join(this.folder, 'dist'));
  }
}
