import type { IServerAdapter } from '@bull-board/api/typings/app';
import type { HttpServer } from '@nestjs/common';
import { read } from '../core/checks/text';
import { InvalidConfigurationError, MissingPackageError, shown } from '../core/contract/errors';
import type { BoardRequest, BoardRootSettings } from './board-options';
import type { Door } from './door';

/** bull-board in one of the servers that Nest runs on. */
export interface MountedBoard {
  readonly adapter: IServerAdapter;
  /** From then on requests below the route are answered, when the door has let them in and `before` is done. */
  mount(
    door: Door,
    settings: Pick<BoardRootSettings, 'route' | 'challenge'>,
    before: () => Promise<void>,
  ): void;
}

/** What this file needs of the requests and answers of Express and of Fastify. */
interface ExpressAnswer {
  status(code: number): this;
  set(name: string, value: string): this;
  send(text: string): unknown;
}

interface FastifyAnswer {
  code(code: number): this;
  header(name: string, value: string): this;
  send(text: string): unknown;
}

interface FastifyScope {
  addHook(name: 'onRequest', hook: (request: BoardRequest, answer: FastifyAnswer) => Promise<unknown>): void;
  register(plugin: unknown, options?: { readonly prefix: string }): unknown;
}

type BoardServer = IServerAdapter & {
  setBasePath(path: string): unknown;
  /** Of Express. */
  getRouter?(): unknown;
  /** Of Fastify. */
  registerPlugin?(): unknown;
};

const REFUSED =
  'The board of the job queue is not open to you: the option authorize of JobQueueBoardModule says whom it lets in.\n';

/**
 * Undefined in an application without a server, as a worker is.
 *
 * @throws {InvalidConfigurationError} for another server than Express and Fastify
 * @throws {MissingPackageError} when bull-board's package for the server is not installed
 */
export async function boardServer(http: HttpServer | undefined): Promise<MountedBoard | undefined> {
  const type = http?.getType?.();
  if (!http || !type) return undefined;
  if (type === 'express') return onExpress(http, await made('@bull-board/express', 'ExpressAdapter'));
  if (type === 'fastify') return onFastify(http, await made('@bull-board/fastify', 'FastifyAdapter'));
  throw new InvalidConfigurationError(
    `The board runs on Express and on Fastify, and this application runs on ${shown(type)}: take JobQueueBoardModule out of it.`,
  );
}

function onExpress(http: HttpServer, adapter: BoardServer): MountedBoard {
  return {
    adapter,
    mount(door, { route, challenge }, before) {
      adapter.setBasePath(route);
      const guard = (request: BoardRequest, answer: ExpressAnswer, next: (error?: unknown) => void) => {
        door.opensTo(request).then((open) => {
          if (open) return void before().then(() => next(), next);
          if (challenge !== undefined) answer.set('WWW-Authenticate', challenge);
          answer.status(statusOf(challenge)).set('Content-Type', 'text/plain').send(REFUSED);
        }, next);
      };
      (http.getInstance() as { use(...given: unknown[]): void }).use(route, guard, adapter.getRouter?.());
    },
  };
}

function onFastify(http: HttpServer, adapter: BoardServer): MountedBoard {
  return {
    adapter,
    mount(door, { route, challenge }, before) {
      adapter.setBasePath(route);
      const board = (scope: FastifyScope, _options: unknown, done: () => void) => {
        scope.addHook('onRequest', async (request, answer) => {
          if (await door.opensTo(request)) return before();
          if (challenge !== undefined) answer.header('WWW-Authenticate', challenge);
          return answer.code(statusOf(challenge)).header('Content-Type', 'text/plain').send(REFUSED);
        });
        scope.register(adapter.registerPlugin?.());
        done();
      };
      (http.getInstance() as FastifyScope).register(board, { prefix: route });
    },
  };
}

function statusOf(challenge: string | undefined): number {
  return challenge === undefined ? 403 : 401;
}

async function made(name: string, adapter: string): Promise<BoardServer> {
  const Adapter = read(await loaded(name), adapter) as new () => BoardServer;
  return new Adapter();
}

async function loaded(name: string): Promise<unknown> {
  try {
    return (await import(name)) as unknown;
  } catch (error) {
    throw new MissingPackageError(name, 'JobQueueBoardModule.forRoot()', { cause: error });
  }
}
