import { AgentProcess } from './agent-process';
import type { Entry } from './catalogue';
import type { Scale } from './scale';
import type { Queue, Servers } from './servers';
import { keepUp } from './upkeep';

/** One measurement of one contender: an empty queue, and fresh processes on it. */
export class Arena {
  private readonly agents: AgentProcess[] = [];
  private readonly others: Arena[] = [];

  private constructor(
    readonly entry: Entry,
    readonly scale: Scale,
    readonly queue: Queue,
    private readonly servers: Servers,
  ) {}

  static async open(entry: Entry, scale: Scale, servers: Servers): Promise<Arena> {
    return new Arena(entry, scale, await servers.freshQueue(entry), servers);
  }

  /** Another queue of the same contender on the same server, for turns with this one. */
  async another(): Promise<Arena> {
    const other = await Arena.open(this.entry, this.scale, this.servers);
    this.others.push(other);
    return other;
  }

  async agent(): Promise<AgentProcess> {
    const agent = await AgentProcess.start(this.entry, this.queue.url, this.scale.patience);
    this.agents.push(agent);
    return agent;
  }

  /** One after the other: the first one makes the tables. */
  async manyAgents(count: number): Promise<AgentProcess[]> {
    const agents: AgentProcess[] = [];
    while (agents.length < count) agents.push(await this.agent());
    return agents;
  }

  /** To be called when the jobs are there and the workers are warm, before anything counts: see `keepUp`. */
  async keptUp(): Promise<void> {
    await keepUp(this.queue.url);
  }

  /** How many jobs it gets, when it is meant to get that many. */
  jobs(wanted: number): number {
    return Math.min(wanted, this.entry.mostJobs ?? Infinity);
  }

  async close(): Promise<void> {
    await Promise.all([
      ...this.agents.map((agent) => agent.end()),
      ...this.others.map((other) => other.close()),
    ]);
    await this.queue.drop();
  }
}
