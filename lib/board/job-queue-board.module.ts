import { createBullBoard } from '@bull-board/api';
import {
  type DynamicModule,
  Inject,
  type InjectionToken,
  Logger,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  Optional,
  type Provider,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { QueueBackend } from '../core/contract/backend';
import { InvalidConfigurationError } from '../core/contract/errors';
import type { JobQueueSettings } from '../nest/options/job-queue.options';
import {
  getJobQueueBackendToken,
  getJobQueueToken,
  getSettingsToken,
} from '../nest/options/job-queue.tokens';
import type { JobQueueService } from '../nest/service/job-queue.service';
import {
  type BoardOptions,
  type BoardRequest,
  type BoardRootOptions,
  type BoardRootSettings,
  boardRootSettings,
  type BoardSettings,
  boardSettings,
} from './board-options';
import { boardServer, type MountedBoard } from './board-servers';
import { Door } from './door';
import { type Board, ShownPipelines } from './shown-pipelines';
import type { ShownQueue } from './shown-queue';

const SETTINGS = Symbol('JobQueueBoardSettings');
const QUEUES = Symbol('JobQueueBoardQueues');
const MOUNTED = Symbol('JobQueueMountedBoard');
/** Under which BullBoardModule of @bull-board/nestjs has its board. */
const BULL_BOARD = 'bull_board_instance';
const LOOK_MS = 5000;

/** Keeps the pipelines of queues on a board while the application runs. */
abstract class BoardModule implements OnApplicationBootstrap, OnModuleDestroy {
  protected readonly logger = new Logger('JobQueueBoard');
  private shown: readonly ShownPipelines[] = [];
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  async onApplicationBootstrap(): Promise<void> {
    await this.look();
  }

  onModuleDestroy(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  /** A pipeline that is on the board brings others there whenever somebody looks. The first one is looked for. */
  protected async lookForFirst(): Promise<void> {
    const without = this.shown.filter(({ none }) => none);
    // A queue that does not answer now: the page says so, too.
    await Promise.all(without.map((pipelines) => pipelines.lookAgain().catch(() => undefined)));
  }

  protected show(board: Board, queues: readonly ShownQueue[], settings: BoardSettings, door?: Door): void {
    const opensTo = door ? (request: BoardRequest) => door.opensTo(request) : () => Promise.resolve(true);
    this.shown = queues.map((queue) => new ShownPipelines(board, queue, settings, opensTo));
  }

  protected tell(door: Door, where: string): void {
    const line = `The board${where} is ${door.state}`;
    if (door.closed) this.logger.warn(line);
    else this.logger.log(line);
  }

  /** Of a board of somebody else's, nothing is heard while it is empty. */
  private async look(): Promise<void> {
    await this.lookForFirst();
    if (this.ended || !this.shown.some(({ none }) => none)) return;
    this.timer = setTimeout(() => void this.look(), LOOK_MS).unref();
  }
}

@Module({})
class BoardRootModule extends BoardModule implements NestModule {
  constructor(
    @Inject(SETTINGS) private readonly settings: BoardRootSettings,
    @Inject(QUEUES) private readonly queues: readonly ShownQueue[],
    @Inject(MOUNTED) private readonly mounted: MountedBoard | undefined,
  ) {
    super();
  }

  /** Called before the application's own routes are made, and after what it used in the server. */
  configure(): void {
    const { mounted, settings } = this;
    if (!mounted) return;
    const { uiConfig, ...boardOptions } = settings.boardOptions as { readonly uiConfig?: object };
    const board = createBullBoard({
      queues: [],
      serverAdapter: mounted.adapter,
      options: {
        ...boardOptions,
        // There is no Redis, and nothing counts the finished jobs.
        uiConfig: { boardTitle: 'Jobs', hideRedisDetails: true, showMetrics: false, ...uiConfig },
      },
    });
    const door = new Door(settings.authorize, (line) => this.logger.warn(line));
    this.show(board, this.queues, settings);
    mounted.mount(door, settings, () => this.lookForFirst());
    this.tell(door, ` at ${settings.route}`);
  }
}

@Module({})
class BoardFeatureModule extends BoardModule {
  constructor(
    @Inject(SETTINGS) settings: BoardSettings,
    @Inject(QUEUES) queues: readonly ShownQueue[],
    @Optional() @Inject(BULL_BOARD) board: Board | undefined,
    host: HttpAdapterHost,
  ) {
    super();
    if (!board)
      throw new InvalidConfigurationError(
        'JobQueueBoardModule.forFeature() needs BullBoardModule.forRoot() of @bull-board/nestjs beside it; for a board without it use JobQueueBoardModule.forRoot().',
      );
    // A worker has no server.
    if (!host.httpAdapter?.getType()) return;
    const door = new Door(settings.authorize, (line) => this.logger.warn(line));
    this.show(board, queues, settings, door);
    this.tell(door, ' of BullBoardModule');
  }
}

/**
 * Shows queues on a page, with bull-board: their counts and jobs, and buttons that kick, delete, pause and so on.
 *
 * Both kinds are closed unless the option `authorize` opens them, or the application is in development. In a process
 * without a server, as a worker is, they do nothing.
 */
@Module({})
export class JobQueueBoardModule {
  /**
   * A board of its own, on Express or Fastify. It needs the packages `@bull-board/api`, `@bull-board/ui` and
   * `@bull-board/express` or `@bull-board/fastify`.
   *
   * @throws {InvalidJobOptionError} for an option that is wrong
   * @example
   * JobQueueBoardModule.forRoot({ route: '/admin/queues', authorize: (request: Request) => request.user?.isAdmin === true })
   */
  static forRoot(options: BoardRootOptions): DynamicModule {
    const settings = boardRootSettings(options);
    return {
      module: BoardRootModule,
      providers: [
        ...providersOf(settings),
        {
          provide: MOUNTED,
          inject: [HttpAdapterHost],
          useFactory: ({ httpAdapter }: HttpAdapterHost) => boardServer(httpAdapter),
        },
      ],
    };
  }

  /**
   * The queues on the board of the application's `BullBoardModule` (`@bull-board/nestjs`). `authorize` gets bull-board's
   * request, which has `headers`, `query`, `params` and `body`.
   *
   * @throws {InvalidJobOptionError} for an option that is wrong
   * @example
   * imports: [
   *   BullBoardModule.forRoot({ route: '/queues', adapter: ExpressAdapter, middleware: onlyAdmins }),
   *   JobQueueBoardModule.forFeature({ authorize: () => true }),
   * ]
   */
  static forFeature(options: BoardOptions = {}): DynamicModule {
    const settings = boardSettings(options);
    return {
      module: BoardFeatureModule,
      providers: providersOf(settings),
    };
  }
}

function providersOf(settings: BoardSettings): Provider[] {
  const { queues } = settings;
  const tokens = [getJobQueueToken, getJobQueueBackendToken, getSettingsToken];
  const inject: InjectionToken[] = queues.flatMap((name) => tokens.map((token) => token(name)));
  return [
    { provide: SETTINGS, useValue: settings },
    {
      provide: QUEUES,
      inject,
      useFactory: (...parts: (JobQueueService | QueueBackend | JobQueueSettings)[]): ShownQueue[] =>
        queues.map((name, index) => {
          const [queue, backend, { codec }] = parts.slice(tokens.length * index) as [
            JobQueueService,
            QueueBackend,
            JobQueueSettings,
          ];
          return { name, queue, backend, codec };
        }),
    },
  ];
}
