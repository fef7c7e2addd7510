import type {
  Consumer,
  ExchangeAnswer,
  ExchangeRequest,
  QueueBackend,
} from '../../../lib/core/contract/backend';

/**
 * - `claimed`: the server has handed out jobs, and no handler has started.
 * - `settling`: a request that settles jobs and claims others has left, and its answer has not come.
 * - `settled`: the server has settled jobs and handed out others, and nobody here has been told.
 */
export type MomentOfDeath = 'claimed' | 'settling' | 'settled';

/** By then the connections are warm: a request is on its way within the tick in which it is made. */
const EXCHANGES_IN_PEACE = 3;

/** Kills this process with SIGKILL at one moment of the backend's work. */
export function mortalBackend(backend: QueueBackend, moment: MomentOfDeath): QueueBackend {
  const consume = backend.consume.bind(backend);
  return Object.assign(backend, {
    consume: async (pipelines: readonly string[]) => new MortalConsumer(await consume(pipelines), moment),
  });
}

class MortalConsumer implements Consumer {
  private exchanges = 0;

  constructor(
    private readonly consumer: Consumer,
    private readonly moment: MomentOfDeath,
  ) {}

  async exchange(request: ExchangeRequest): Promise<ExchangeAnswer> {
    const settles = request.settle.length > 0;
    const asked = this.consumer.exchange(request);
    const theEndHasCome = (this.exchanges += 1) > EXCHANGES_IN_PEACE;
    if (theEndHasCome && this.moment === 'settling' && settles) setImmediate(die);
    const answer = await asked;
    if (theEndHasCome && this.moment === 'settled' && settles) die();
    if (theEndHasCome && this.moment === 'claimed' && answer.reserved.length > 0) die();
    return answer;
  }

  touch: Consumer['touch'] = (jobs) => this.consumer.touch(jobs);
  close: Consumer['close'] = () => this.consumer.close();
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
