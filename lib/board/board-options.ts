import type { IncomingHttpHeaders } from 'node:http';
import { checkedBoolean } from '../core/checks/checks';
import { checkedOptions, type OptionNames } from '../core/checks/options';
import { read } from '../core/checks/text';
import { mustBe } from '../core/contract/errors';
import { DEFAULT_QUEUE } from '../nest/options/job-queue.tokens';
import { eachOf, isList } from '../nest/service/checked-arguments';
import { checkedPayloads, type PayloadMask } from './jobs/payload-view';

/** What a board's request has in any server: `authorize` may say that it takes more, as Express's `Request`. */
export interface BoardRequest {
  readonly headers: IncomingHttpHeaders;
}

/** What is shown of the queues, and to whom. */
export interface BoardOptions {
  /**
   * Whether this request may see the board, and do what its buttons do. It is asked for every request, and one for which it
   * throws is refused.
   *
   * @default closed to everyone; open in development (`NODE_ENV=development`, `nest start --watch` in a script of npm)
   * @example
   * authorize: (request: Request) => request.user?.isAdmin === true
   */
  authorize?(request: BoardRequest): boolean | Promise<boolean>;
  /** The names of the queues. @default the queue without a name */
  readonly queues?: readonly string[];
  /** Pipelines that are shown before they ever had a job; those that have jobs or schedules come by themselves. */
  readonly pipelines?: readonly string[];
  /**
   * Whether payloads and results are shown: as they are, or not at all, or as a function shows them. What is not shown as
   * it is cannot be changed on the board. The errors of jobs are shown in any case.
   *
   * @default 'shown'
   */
  readonly payloads?: 'shown' | 'hidden' | PayloadMask;
  /** No buttons: the board shows alone. @default false */
  readonly readOnly?: boolean;
}

/** A board at a route of its own. */
export interface BoardRootOptions extends BoardOptions {
  /** The path of the board, as it is asked for: the application's global prefix is not put before it. */
  readonly route: string;
  /**
   * What a request that is refused is asked for: the header `WWW-Authenticate` of the answer, which has the status 401
   * then.
   *
   * @default none: the status is 403
   * @example 'Basic realm="queues", charset="UTF-8"'
   */
  readonly challenge?: string;
  /** bull-board's own options, `uiConfig` and `handlerHooks` among them. */
  readonly boardOptions?: object;
}

/** The options, complete and checked. */
export interface BoardSettings {
  readonly authorize: ((request: BoardRequest) => boolean | Promise<boolean>) | undefined;
  readonly queues: readonly string[];
  readonly pipelines: readonly string[];
  readonly payloads: 'shown' | 'hidden' | PayloadMask;
  readonly readOnly: boolean;
}

export interface BoardRootSettings extends BoardSettings {
  readonly route: string;
  readonly challenge: string | undefined;
  readonly boardOptions: object;
}

const BOARD_OPTIONS: OptionNames<BoardOptions> = {
  authorize: true,
  queues: true,
  pipelines: true,
  payloads: true,
  readOnly: true,
};

const ROOT_OPTIONS: OptionNames<BoardRootOptions> = {
  ...BOARD_OPTIONS,
  route: true,
  challenge: true,
  boardOptions: true,
};

/** @throws InvalidJobOptionError */
export function boardSettings(given: BoardOptions): BoardSettings {
  return settingsOf(checkedOptions(given, BOARD_OPTIONS));
}

/** @throws InvalidJobOptionError */
export function boardRootSettings(given: BoardRootOptions): BoardRootSettings {
  const options = checkedOptions(given, ROOT_OPTIONS);
  const { challenge, boardOptions = {} } = options;
  if (challenge !== undefined && typeof challenge !== 'string')
    throw mustBe('challenge', 'a text for the header WWW-Authenticate', challenge);
  if (typeof (boardOptions as unknown) !== 'object' || boardOptions === null)
    throw mustBe('boardOptions', 'an object', boardOptions);
  return { ...settingsOf(options), route: checkedRoute(options.route), challenge, boardOptions };
}

function settingsOf(options: BoardOptions): BoardSettings {
  const { queues = [DEFAULT_QUEUE], pipelines = [], payloads = 'shown', readOnly = false } = options;
  return {
    authorize: checkedAuthorize(read(options, 'authorize')),
    queues: checkedTexts('queues', queues),
    pipelines: checkedTexts('pipelines', pipelines),
    payloads: checkedPayloads(payloads),
    readOnly: checkedBoolean('readOnly', readOnly),
  };
}

function checkedAuthorize(authorize: unknown): BoardSettings['authorize'] {
  if (authorize === undefined || typeof authorize === 'function')
    return authorize as BoardSettings['authorize'];
  throw mustBe('authorize', 'a function that returns true for whom may see the board', authorize);
}

function checkedRoute(route: unknown): string {
  if (typeof route === 'string' && /^\/[^\s?#*:]*[^/\s?#*:]$/.test(route)) return route;
  throw mustBe('route', "a path like '/admin/queues'", route);
}

function checkedTexts(option: string, texts: unknown): readonly string[] {
  if (!isList(texts)) throw mustBe(option, 'an array of names', texts);
  return eachOf(option, texts, (text) => {
    if (typeof text !== 'string' || text === '') throw mustBe(`each of ${option}`, 'a name', text);
    return text;
  });
}
