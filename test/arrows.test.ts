import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from './package/command';
import { importsOf } from './support/imports';

/* Imports run nest → core ← backends, those of types too, and never in a circle. The lint rules say so as well. */

const REPOSITORY = join(__dirname, '..');
const LIB = join(REPOSITORY, 'lib');

interface Layer {
  /** The layers that its files may import from beside their own. */
  readonly layers: readonly string[];
  readonly packages: readonly string[];
}

/** By folder. The innermost folder named here that holds a file is its layer. */
const layers: Readonly<Record<string, Layer>> = {
  core: { layers: [], packages: ['croner'] },
  'backends/memory': { layers: ['core'], packages: [] },
  'backends/sql': { layers: ['core'], packages: ['mysql2', 'pg', 'typeorm'] },
  'backends/beanstalkd': { layers: ['core'], packages: ['fivebeans'] },
  // open-backend.ts, which chooses by the URL.
  backends: { layers: ['core', 'backends/sql', 'backends/beanstalkd'], packages: [] },
  command: { layers: ['core'], packages: ['cli-table3', 'commander'] },
  nest: {
    layers: ['core'],
    packages: ['@nestjs/common', '@nestjs/core', 'class-transformer', 'class-validator', 'rxjs'],
  },
  board: { layers: ['core', 'nest'], packages: ['@bull-board/api', '@nestjs/common', '@nestjs/core'] },
  opentelemetry: { layers: ['core'], packages: ['@opentelemetry/api'] },
  terminus: { layers: ['core', 'nest'], packages: ['@nestjs/common', '@nestjs/core', '@nestjs/terminus'] },
  testing: { layers: ['core', 'nest', 'backends', 'backends/memory'], packages: ['@nestjs/common'] },
};

const files = readdirSync(LIB, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join(LIB, file));

/** The folder of a file of lib; undefined for an entry point. */
function layerOf(file: string): string | undefined {
  const path = relative(LIB, file);
  return Object.keys(layers).find((folder) => path.startsWith(`${folder}/`));
}

function shown(file: string): string {
  return relative(REPOSITORY, file);
}

it('knows the layer of every file but the entry points', () => {
  const without = files.filter((file) => layerOf(file) === undefined).map(shown);
  expect(without.sort()).toEqual([
    'lib/assembly.ts',
    'lib/beanstalkd.ts',
    'lib/bin/backends.ts',
    'lib/bin/job-queue-schema.ts',
    'lib/bin/job-queue.ts',
    'lib/bull-board.ts',
    'lib/index.ts',
    'lib/opentelemetry.ts',
    'lib/sql.ts',
    'lib/terminus.ts',
    'lib/testing.ts',
    'lib/typeorm.ts',
  ]);
});

describe.each(Object.entries(layers))('lib/%s', (layer, allowed) => {
  const own = files.filter((file) => layerOf(file) === layer);

  it(`imports from ${allowed.layers.join(', ') || 'no other layer'}`, () => {
    const wrong = own.flatMap((file) =>
      importsOf(file)
        .files.filter(
          (imported) => ![layer, ...allowed.layers].includes(layerOf(imported) ?? 'an entry point'),
        )
        .map((imported) => `${shown(file)} imports ${shown(imported)}`),
    );
    expect(wrong).toEqual([]);
  });

  it(`imports ${allowed.packages.join(', ') || 'no package'}`, () => {
    const imported = new Set(own.flatMap((file) => importsOf(file).packages));
    expect([...imported].sort()).toEqual(allowed.packages);
  });
});

it('has no circle', () => {
  expect(
    findCircle(new Map(files.map((file) => [file.replace(/\.ts$/, ''), importsOf(file).files]))),
  ).toEqual([]);
});

it('would find a circle', () => {
  const imports = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['d', ['b']],
  ]);
  expect(findCircle(imports)).toEqual(['b', 'd', 'b']);
});

/** The files of one circle in order, the first one again at the end; empty when there is none. */
function findCircle(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const innocent = new Set<string>();
  const circleThrough = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (innocent.has(file)) return [];
    for (const imported of imports.get(file) ?? []) {
      const circle = circleThrough(imported, [...path, file]);
      if (circle.length > 0) return circle;
    }
    innocent.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const circle = circleThrough(file, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

describe('npm run lint', () => {
  const PATHS = 'import-x/no-restricted-paths';
  const PACKAGES = 'no-restricted-imports';
  const cases = [
    [
      'lib/core/time/sleep.ts',
      "import { JobQueueService } from '../../nest/service/job-queue.service';",
      PATHS,
    ],
    [
      'lib/core/time/sleep.ts',
      "import type { JobQueueService } from '../../nest/service/job-queue.service';",
      PATHS,
    ],
    ['lib/core/time/sleep.ts', "import { SqlBackend } from '../../backends/sql/engine/sql-backend';", PATHS],
    ['lib/core/time/sleep.ts', "import { typeOrmBackend } from '../../typeorm';", PATHS],
    ['lib/core/time/sleep.ts', "import { Injectable } from '@nestjs/common';", PACKAGES],
    ['lib/core/time/sleep.ts', "import type { DataSource } from 'typeorm';", PACKAGES],
    [
      'lib/backends/sql/puts/put-batcher.ts',
      "import { JobQueueService } from '../../../nest/service/job-queue.service';",
      PATHS,
    ],
    ['lib/backends/sql/puts/put-batcher.ts', "import { openBackend } from '../../open-backend';", PATHS],
    [
      'lib/backends/sql/puts/put-batcher.ts',
      "import { memoryBackend } from '../../memory/memory-backend';",
      PATHS,
    ],
    ['lib/backends/sql/puts/put-batcher.ts', "import { Injectable } from '@nestjs/common';", PACKAGES],
    [
      'lib/nest/worker-command/run-worker.ts',
      "import { SqlBackend } from '../../backends/sql/engine/sql-backend';",
      PATHS,
    ],
    [
      'lib/nest/worker-command/run-worker.ts',
      "import { openBackend } from '../../backends/open-backend';",
      PATHS,
    ],
    ['lib/nest/worker-command/run-worker.ts', "import { DataSource } from 'typeorm';", PACKAGES],
    ['lib/nest/worker-command/run-worker.ts', "import { Door } from '../../board/door';", PATHS],
    ['lib/core/time/sleep.ts', "import { Door } from '../../board/door';", PATHS],
    ['lib/board/door.ts', "import { openBackend } from '../backends/open-backend';", PATHS],
    ['lib/board/door.ts', "import { DataSource } from 'typeorm';", PACKAGES],
    ['lib/nest/worker-command/run-worker.ts', "import { TestClock } from '../../testing/test-clock';", PATHS],
    ['lib/command/run.ts', "import { openBackend } from '../backends/open-backend';", PATHS],
    ['lib/command/run.ts', "import { Injectable } from '@nestjs/common';", PACKAGES],
    [
      'lib/core/contract/errors.ts',
      "import { jsonCodec } from '../payload/payload-codec';",
      'import-x/no-cycle',
    ],
  ] as const;

  it('fails on imports against the arrows', async () => {
    const texts = cases.map(([filePath, text]) => ({ filePath, text: `${text}\n` }));
    const printed = await run(
      process.execPath,
      [join(__dirname, 'support/lint.cjs'), JSON.stringify(texts)],
      {
        cwd: REPOSITORY,
      },
    );
    const broken = JSON.parse(printed) as string[][];
    const missed = cases.filter(([, , rule], index) => !broken[index]?.includes(rule));
    expect(missed).toEqual([]);
  }, 120_000);
});
