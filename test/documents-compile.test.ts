import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/* The code of these documents compiles, as files of the project. */

jest.setTimeout(180_000);

const root = join(__dirname, '..');

/** What recipes leave out. */
const LEFT_OUT = `
import {
  BuryJob, definePipeline, type Job, type JobEvent, JobQueueService, OnJob, Process, Processor, ReleaseJob, runWorker,
} from 'nestjs-simple-job-queue';
import type { TransactionalJob } from 'nestjs-simple-job-queue/typeorm';
import type { DataSource } from 'typeorm';
declare const queue: JobQueueService;
declare const dataSource: DataSource;
declare const order: { id: number };
declare const mailer: { send(to: string, options: { signal: AbortSignal }): Promise<void> };
declare const isReady: (file: string) => Promise<boolean>;
declare const usersAfter: (id: number, limit: number) => Promise<{ id: number }[]>;
declare class WorkerModule {}
export const used = [BuryJob, definePipeline, OnJob, Process, Processor, ReleaseJob, runWorker, queue, dataSource, order];
export type Used = [Job, JobEvent<'buried'>, TransactionalJob<unknown>];
void [mailer, isReady, usersAfter, WorkerModule];
`;

/** What the guide has defined before. */
const MAILS = `
const mails = definePipeline<{ to: string }>('mails');
declare const id: string;
void [mails, id];
`;

/** What the page about libraries takes as known. */
const LIBRARIES = `
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Knex } from 'knex';
import type { Kysely } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import type { Sequelize, Transaction } from 'sequelize';
import { JobQueueModule, JobQueueService } from 'nestjs-simple-job-queue';
import { sqlBackend } from 'nestjs-simple-job-queue/sql';
declare const url: string;
declare const queue: JobQueueService;
declare const db: Kysely<{ orders: { id: number } }>;
declare const knex: Knex;
declare const orm: MikroORM;
declare const sequelize: Sequelize;
declare class Order {
  id: number;
  static create(values: { id: number }, options: { transaction: Transaction }): Promise<unknown>;
}
declare const isolationLevel: Transaction.ISOLATION_LEVELS;
declare const client: PoolClient;
declare const pool: Pool;
declare const session: { run(text: string, parameters: unknown[]): Promise<object[]> };
void [JobQueueModule, sqlBackend, url, queue, db, knex, orm, sequelize, Order, isolationLevel, client, pool, session];
`;

interface Block {
  readonly file: string;
  readonly source: string;
}

function blocksOf(page: string, fence: string, header = ''): Block[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8');
  const blocks = text.split(`\`\`\`${fence}\n`).slice(1);
  return blocks.map((block, index) => ({
    file: join(root, 'test', `${page}-${index}.ts`),
    source: header + block.slice(0, block.indexOf('```')),
  }));
}

/** What the compiler says of the blocks. */
function complaints(blocks: readonly Block[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const texts = new Map(blocks.map(({ file, source }) => [file, source]));
  const host = ts.createCompilerHost(options);
  const plain = { ...host };
  host.fileExists = (file) => texts.has(file) || plain.fileExists(file);
  host.readFile = (file) => texts.get(file) ?? plain.readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const text = texts.get(file);
    if (text === undefined) return plain.getSourceFile(file, version, ...rest);
    return ts.createSourceFile(file, text, version, true);
  };
  const program = ts.createProgram(
    [...texts.keys()],
    { ...options, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
    host,
  );
  return [...texts.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  });
}

const pages = [
  { page: 'from-bullmq.md', blocks: blocksOf('from-bullmq.md', 'ts after') },
  { page: 'recipes.md', blocks: blocksOf('recipes.md', 'ts', LEFT_OUT) },
  { page: 'other-orms.md', blocks: blocksOf('other-orms.md', 'ts', LIBRARIES) },
  { page: 'nest.md', blocks: blocksOf('nest.md', 'ts reading', `${LEFT_OUT}${MAILS}`) },
];

it('would find code that does not', () => {
  const source = `${LEFT_OUT} await queue.addJob('mails', {}, { delay: true });`;
  expect(complaints([{ file: join(root, 'test/wrong.ts'), source }])).not.toEqual([]);
});

it.each(pages)('docs/$page has code that compiles', ({ blocks }) => {
  expect(blocks.length).toBeGreaterThan(1);
  expect(complaints(blocks)).toEqual([]);
});
