import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from './command';
import { installPackages, takeCompiledAddon } from './installation';

const REPOSITORY_MODULES = join(__dirname, '../../node_modules');
const COMPILER = join(REPOSITORY_MODULES, 'typescript/bin/tsc');

/** Values of `type` in package.json. */
export type ModuleFormat = 'commonjs' | 'module';

/** What `npm install` is to get. */
export interface Packages {
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * A Nest application outside of the repository, compiled in both module formats: each has a folder of its own, and
 * finds the packages in the folder above.
 */
export class Application {
  constructor(
    private readonly folder: string,
    /** The folder of its sources: a path, or its name here. */
    private readonly template = 'application',
  ) {}

  async install(packages: Packages): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await writeFile(join(this.folder, 'package.json'), JSON.stringify({ private: true, ...packages }));
    await installPackages(this.folder);
    // Fails when a peer has another version than somebody's package.json asks for; the installation may only warn.
    await run('npm', ['ls', '--all'], { cwd: this.folder });
  }

  /** The folders in which a package is installed. */
  async installed(name: string): Promise<readonly string[]> {
    const found = await run('npm', ['query', `[name=${name}]`], { cwd: this.folder });
    return (JSON.parse(found) as { location: string }[]).map(({ location }) => location);
  }

  takeCompiledAddon(): Promise<void> {
    return takeCompiledAddon(this.folder);
  }

  async compile(format: ModuleFormat, options: object = {}): Promise<void> {
    const folder = join(this.folder, format);
    await cp(resolve(__dirname, this.template), join(folder, 'src'), { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: format }));
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, include: ['src'] }),
    );
    await run(process.execPath, [COMPILER], { cwd: folder });
  }

  /** Runs a compiled program on a release of Node, and answers what it printed. */
  start(
    node: string,
    format: ModuleFormat,
    args: readonly string[],
    environment: NodeJS.ProcessEnv = {},
  ): Promise<string> {
    return run(node, args, { cwd: join(this.folder, format, 'dist'), environment });
  }
}

const compilerOptions = {
  target: 'es2023',
  module: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  // The type definitions of packages are checked, too: ours among them.
  skipLibCheck: false,
  rootDir: 'src',
  outDir: 'dist',
};
