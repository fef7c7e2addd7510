import { ExpressAdapter as BoardOnExpress } from '@bull-board/express';
import { FastifyAdapter as BoardOnFastify } from '@bull-board/fastify';
import { BullBoardModule } from '@bull-board/nestjs';
import type { INestApplication, LoggerService, ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type BoardOptions, JobQueueBoardModule } from '../../lib/bull-board';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import type { JobQueueOptions } from '../../lib/nest/module/job-queue-core.module';

export type Server = 'express' | 'fastify';
/** A board of ours, or that of BullBoardModule. */
export type Kind = 'forRoot' | 'forFeature';

export const ROUTE = '/admin/queues';

export interface BoardApplication {
  readonly server?: Server;
  readonly kind?: Kind;
  readonly queue?: JobQueueOptions;
  readonly board?: BoardOptions & { readonly challenge?: string };
  readonly providers?: ModuleMetadata['providers'];
  readonly imports?: ModuleMetadata['imports'];
  readonly logger?: LoggerService;
  readonly prefix?: string;
}

/** An application with a board, as a browser meets it. */
export class OpenBoard {
  private constructor(
    readonly app: INestApplication,
    /** Of the board. */
    readonly url: string,
  ) {}

  static async of(options: BoardApplication): Promise<OpenBoard> {
    const {
      server = 'express',
      kind = 'forRoot',
      queue = {},
      board = {},
      providers = [],
      imports = [],
    } = options;
    const boardOptions = { validateResponses: true };
    const modules =
      kind === 'forRoot'
        ? [JobQueueBoardModule.forRoot({ route: ROUTE, boardOptions, ...board })]
        : [
            BullBoardModule.forRoot({
              route: ROUTE,
              adapter: server === 'express' ? BoardOnExpress : BoardOnFastify,
              boardOptions,
            }),
            JobQueueBoardModule.forFeature(board),
          ];
    class RootModule {}
    const app = await NestFactory.create(
      { module: RootModule, imports: [JobQueueModule.forRoot(queue), ...imports, ...modules], providers },
      server === 'express' ? new ExpressAdapter() : new FastifyAdapter(),
      { logger: options.logger ?? false, abortOnError: false },
    );
    if (options.prefix !== undefined) app.setGlobalPrefix(options.prefix);
    await app.listen(0, '127.0.0.1');
    return new OpenBoard(app, `${await app.getUrl()}${ROUTE}`);
  }

  get queue(): JobQueueService {
    return this.app.get(JobQueueService);
  }

  ask(path: string, { method = 'GET', body, headers = {} }: Asked = {}): Promise<Response> {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    return fetch(`${this.url}${path}`, { method, headers: { ...type, ...headers }, ...text });
  }

  /** The body of an answer that is none of an error. */
  async read<T>(path: string, asked: Asked = {}): Promise<T> {
    const answer = await this.ask(path, asked);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${asked.method ?? 'GET'} ${path}: ${answer.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  close(): Promise<void> {
    return this.app.close();
  }
}

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
