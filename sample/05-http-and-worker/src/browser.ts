import { createParser } from 'eventsource-parser';

/** What a browser does, without one. */
export class Browser {
  constructor(private readonly url: string) {}

  async post<T>(path: string, body: object): Promise<{ status: number; body: T }> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as T };
  }

  async get<T>(path: string): Promise<T> {
    return (await fetch(this.url + path)).json() as T;
  }

  /** The events of a stream, until the server ends it. */
  async *listen<T>(path: string): AsyncGenerator<T, void, void> {
    const { body } = await fetch(this.url + path);
    if (!body) throw new Error(`${path} answers nothing`);
    const events: T[] = [];
    const parser = createParser({ onEvent: ({ data }) => events.push(JSON.parse(data) as T) });
    const text = new TextDecoder();
    for await (const chunk of body) {
      parser.feed(text.decode(chunk as Uint8Array, { stream: true }));
      yield* events.splice(0);
    }
  }
}
