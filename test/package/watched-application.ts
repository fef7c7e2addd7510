import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { until } from '../support/until';

const REPOSITORY = resolve(__dirname, '../..');
const END_WITH_PARENT = join(__dirname, '../support/end-with-parent.cjs');
/** Two cores that other tests keep busy compile it within that time, in seconds. */
const PATIENCE = 50;

/** A Nest application that its developer has started with a script of npm, and that starts anew when a file is saved. */
export class WatchedApplication {
  output = '';
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;

  private constructor(
    private readonly folder: string,
    environment: NodeJS.ProcessEnv,
  ) {
    // A group of its own, so that all of it can be ended, and what is left of it ends with the tests.
    this.child = spawn('npm', ['run', 'start:dev'], {
      cwd: folder,
      detached: true,
      env: {
        PATH: process.env['PATH'],
        NO_COLOR: '1',
        NODE_OPTIONS: `--require ${END_WITH_PARENT}`,
        ...environment,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (text: Buffer) => (this.output += text.toString()));
    this.child.stderr?.on('data', (text: Buffer) => (this.output += text.toString()));
    this.closed = once(this.child, 'close');
  }

  /** Of the sources in test/package/watched, on the built package. */
  static async start(
    folder: string,
    script: string,
    environment: NodeJS.ProcessEnv,
  ): Promise<WatchedApplication> {
    if (!existsSync(join(REPOSITORY, 'dist/index.js')))
      throw new Error('The package is not built: npm run build');
    await cp(join(__dirname, 'watched'), join(folder, 'src'), { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: { 'start:dev': script } }));
    await writeFile(join(folder, 'nest-cli.json'), JSON.stringify({ sourceRoot: 'src' }));
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
    for (const name of ['.bin', '@nestjs', '@types', 'reflect-metadata', 'rxjs', 'typescript'])
      await linkPackage(folder, name, join(REPOSITORY, 'node_modules', name));
    await linkPackage(folder, 'nestjs-simple-job-queue', REPOSITORY);
    return new WatchedApplication(folder, environment);
  }

  /** Saves a source file with another text. */
  async edit(file: string, from: string, to: string): Promise<void> {
    const path = join(this.folder, 'src', file);
    const text = await readFile(path, 'utf8');
    if (!text.includes(from)) throw new Error(`There is no "${from}" in ${path}.`);
    await writeFile(path, text.replace(from, to));
  }

  async prints(text: string): Promise<void> {
    const ended = () => this.child.exitCode !== null || this.child.signalCode !== null;
    await until(`it prints "${text}"`, () => this.output.includes(text) || ended(), {
      within: PATIENCE,
    }).catch((cause: unknown) => {
      throw new Error(`In vain waited for "${text}":\n${this.output}`, { cause });
    });
    if (!this.output.includes(text)) throw new Error(`It ended without "${text}":\n${this.output}`);
  }

  /** Ends all its processes. */
  async kill(): Promise<void> {
    if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGKILL');
    await this.closed;
  }
}

const compilerOptions = {
  target: 'es2023',
  module: 'nodenext',
  types: ['node'],
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  rootDir: 'src',
  outDir: 'dist',
};

async function linkPackage(folder: string, name: string, to: string): Promise<void> {
  const link = join(folder, 'node_modules', name);
  await mkdir(dirname(link), { recursive: true });
  await symlink(to, link);
}
