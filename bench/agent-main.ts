import { pathToFileURL } from 'node:url';
import { Agent } from './agent';
import type { AgentAnswer, AgentRequest } from './agent-process';
import { entryNamed } from './catalogue';
import type { ContenderModule } from './contender';

/*
 * The main file of a measured process: node agent-main.js <name of the contender> <url>. It obeys one request
 * after the other and ends with its parent.
 */

async function main(name: string, url: string): Promise<void> {
  const { module, settings } = entryNamed(name);
  const { open } = (await import(pathToFileURL(fileOf(module)).href)) as ContenderModule;
  const agent = new Agent(await open(url, settings));
  process.on('message', ({ method, args }: AgentRequest) => {
    void answer(agent, method, args).then((reply) => process.send?.(reply));
  });
  process.once('disconnect', () => process.exit(1));
  process.send?.({ value: undefined } satisfies AgentAnswer);
}

async function answer(agent: Agent, method: AgentRequest['method'], args: unknown[]): Promise<AgentAnswer> {
  try {
    const verbs = agent as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;
    return { value: await verbs[method]?.(...args) };
  } catch (error) {
    return { error: textOf(error) };
  }
}

function fileOf(module: string): string {
  return module.endsWith('.mjs') ? module : `${module}.js`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

main(process.argv[2] ?? '', process.argv[3] ?? '').catch((error: unknown) => {
  process.send?.({ error: textOf(error) } satisfies AgentAnswer, () => process.exit(1));
});
