import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Agent } from './agent';
import type { Entry } from './catalogue';
import { nodeOf } from './peers-installation';

type Methods = {
  [M in keyof Agent]: Agent[M] extends (...args: never[]) => unknown ? M : never;
}[keyof Agent];

export interface AgentRequest {
  readonly method: Methods;
  readonly args: unknown[];
}

export type AgentAnswer = { readonly value: unknown } | { readonly error: string };

const MAIN = join(__dirname, 'agent-main.js');
const SECONDS_TO_END = 10;

/** A fresh process with one contender in it. */
export class AgentProcess {
  private constructor(
    private readonly entry: Entry,
    private readonly child: ChildProcess,
    private readonly patience: number,
  ) {}

  /** Patience is how long, in seconds, it may take to answer. */
  static async start(entry: Entry, url: string, patience: number): Promise<AgentProcess> {
    const child = fork(MAIN, [entry.name, url], {
      execPath: nodeOf(entry),
      execArgv: [],
      // A contender's chatter stays out of the table; what it complains of is shown.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production' },
    });
    const agent = new AgentProcess(entry, child, patience);
    await agent.answer();
    return agent;
  }

  /** Asks for one thing at a time. */
  async ask<M extends Methods>(
    method: M,
    ...args: Parameters<Agent[M]>
  ): Promise<Awaited<ReturnType<Agent[M]>>> {
    const answer = this.answer();
    this.child.send({ method, args } satisfies AgentRequest);
    return (await answer) as Awaited<ReturnType<Agent[M]>>;
  }

  /** Closes the contender, and ends the process when that takes too long. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    const deadline = setTimeout(() => this.child.kill('SIGKILL'), SECONDS_TO_END * 1000);
    await this.ask('close').catch(() => undefined);
    this.child.kill('SIGKILL');
    await exit;
    clearTimeout(deadline);
  }

  private answer(): Promise<unknown> {
    const { child, entry, patience } = this;
    return new Promise((resolve, reject) => {
      const fail = (what: string) => end(() => reject(new Error(`${entry.name}: ${what}`)));
      const onMessage = (answer: AgentAnswer) => {
        if ('error' in answer) fail(answer.error);
        else end(() => resolve(answer.value));
      };
      const onExit = () => fail('its process has ended');
      // What it is asked to do may itself take as long as its patience.
      const deadline = setTimeout(() => fail('no answer'), (patience + SECONDS_TO_END) * 1000);
      const end = (settle: () => void) => {
        clearTimeout(deadline);
        child.off('message', onMessage);
        child.off('exit', onExit);
        settle();
      };
      child.on('message', onMessage);
      child.on('exit', onExit);
    });
  }
}
