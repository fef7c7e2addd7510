import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import type { Contender, Payload, Settings, WorkOptions, Working } from '../contender';
import { type RawJob, workInBatches } from './batch-worker';
import { BeanstalkdReplies } from './beanstalkd-replies';

/**
 * What beanstalkd's protocol can do: as many commands in one write as there are jobs. With `stats` it also asks for
 * each job's statistics, which alone tell how often it was tried, and which need the job's id: a second round trip.
 */
export async function open(url: string, { stats = false }: Settings): Promise<Contender> {
  return new RawBeanstalkd(url, await RawConnection.open(url), stats === true);
}

class RawBeanstalkd implements Contender {
  private used = 'default';

  constructor(
    private readonly url: string,
    private readonly connection: RawConnection,
    private readonly stats: boolean,
  ) {}

  async add(pipeline: string, payload: Payload): Promise<void> {
    await this.addBulk(pipeline, [payload]);
  }

  async addBulk(pipeline: string, payloads: readonly Payload[]): Promise<void> {
    const puts = payloads.map((payload) => {
      const text = JSON.stringify(payload);
      return `put 1024 0 60 ${Buffer.byteLength(text)}\r\n${text}`;
    });
    const use = this.used === pipeline ? [] : [`use ${pipeline}`];
    this.used = pipeline;
    await this.connection.send([...use, ...puts]);
  }

  addTogether(pipeline: string, payloads: readonly Payload[]): Promise<void> {
    return this.addBulk(pipeline, payloads);
  }

  async work({ pipelines: [pipeline], concurrency, handler }: WorkOptions): Promise<Working> {
    const connection = await RawConnection.open(this.url);
    await connection.send([`watch ${pipeline}`]);
    return workInBatches({
      concurrency,
      handler,
      exchange: async (done, wanted) => {
        const deletes = done.map((id) => `delete ${id}`);
        // Only the first one of an idle worker waits; the others would keep the first one's job from its handler.
        const reserves = Array.from({ length: wanted }, () => 'reserve-with-timeout 0');
        const idle = done.length === 0 && wanted > 0;
        const jobs = jobsOf(
          await connection.send(idle ? ['reserve-with-timeout 1'] : [...deletes, ...reserves]),
        );
        if (this.stats && jobs.length > 0) await connection.send(jobs.map(({ id }) => `stats-job ${id}`));
        return jobs;
      },
      // The reservation itself has waited.
      hint: () => Promise.resolve(),
      close: () => connection.close(),
    });
  }

  async left(pipeline: string): Promise<number> {
    const [{ body = '' } = {}] = await this.connection.send([`stats-tube ${pipeline}`]);
    const count = (state: string) => Number(new RegExp(`current-jobs-${state}: (\\d+)`).exec(body)?.[1] ?? 0);
    return count('ready') + count('reserved') + count('delayed');
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

interface Answer {
  readonly words: readonly string[];
  readonly body?: string;
}

function jobsOf(answers: readonly Answer[]): RawJob[] {
  return answers
    .filter(({ words: [word] }) => word === 'RESERVED')
    .map(({ words: [, id = ''], body = '' }) => ({ id, payload: body }));
}

class RawConnection {
  private readonly awaited: { count: number; answers: Answer[]; resolve: (answers: Answer[]) => void }[] = [];

  private constructor(private readonly socket: Socket) {
    const replies = new BeanstalkdReplies((words, body) =>
      this.answer({ words, ...(body !== undefined && { body }) }),
    );
    socket.on('data', (chunk: Buffer) => replies.read(chunk));
  }

  static async open(url: string): Promise<RawConnection> {
    const { hostname, port } = new URL(url);
    const socket = connectSocket({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** All in one write; resolves with the answers in the same order. */
  send(commands: readonly string[]): Promise<Answer[]> {
    return new Promise((resolve) => {
      this.awaited.push({ count: commands.length, answers: [], resolve });
      this.socket.write(`${commands.join('\r\n')}\r\n`);
    });
  }

  async close(): Promise<void> {
    this.socket.end();
    await once(this.socket, 'close');
  }

  private answer(answer: Answer): void {
    const [first] = this.awaited;
    if (!first) return;
    first.answers.push(answer);
    if (first.answers.length < first.count) return;
    this.awaited.shift();
    first.resolve(first.answers);
  }
}
