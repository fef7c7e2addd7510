import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { devDependencies } from '../../package.json';
import { blocksOf } from '../support/document-code';

/** A page of docs about a library, as its reader follows it. */
export class StackDocument {
  private constructor(
    private readonly name: string,
    private readonly text: string,
  ) {}

  static async read(name: string): Promise<StackDocument> {
    return new StackDocument(name, await readFile(join(__dirname, '../../docs', name), 'utf8'));
  }

  /** The packages that this line installs. */
  packages(line: string): string[] {
    const [, packages = ''] = new RegExp(`^${line} ([^-#\n][^#\n]*)`, 'm').exec(this.text) ?? [];
    if (packages === '') throw new Error(`docs/${this.name} has no line that begins with: ${line}`);
    return packages.trim().split(' ');
  }

  /** The only block of TypeScript that has these words. */
  block(words: string): string {
    const [block, ...others] = blocksOf(this.text).filter((each) => each.includes(words));
    if (block === undefined || others.length > 0) {
      throw new Error(`docs/${this.name} has ${others.length + (block ? 1 : 0)} blocks with: ${words}`);
    }
    return block;
  }

  /** The files that the page has in full, by their names: each begins with its own. */
  files(): Map<string, string> {
    const blocks = this.text.matchAll(/^```[jt]s\n(\/\/ ([\w.-]+\.[jt]s)\b[\s\S]*?)^```/gm);
    return new Map(Array.from(blocks, ([, source = '', name = '']) => [name, source]));
  }
}

export const nestReleases = ['11.2.10', devDependencies['@nestjs/core']] as const;

/** What every Nest application has beside the packages that a page names. */
export const nestPackages = (nest: string) => ({
  '@nestjs/common': nest,
  '@nestjs/core': nest,
  '@types/node': devDependencies['@types/node'],
  'reflect-metadata': devDependencies['reflect-metadata'],
  rxjs: devDependencies.rxjs,
});
