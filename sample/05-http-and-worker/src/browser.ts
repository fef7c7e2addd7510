import { createParser } from 'eventsource-parser';

/** What a browser does, without one. */
export class Browser {
  constructor(private readonly url: string) {}

  async post(path: string, body: object): Promise<{ status: number; body: unknown }> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  }

  async get(path: string): Promise<unknown> {
    return (await fetch(this.url + path)).json();
  }

  /** Resolves when the server has ended the stream of its events. */
  async listen(path: string, onEvent: (data: unknown) => void): Promise<void> {
    const { body } = await fetch(this.url + path);
    if (!body) throw new Error(`${path} answers nothing`);
    const parser = createParser({ onEvent: ({ data }) => onEvent(JSON.parse(data)) });
    const text = new TextDecoder();
    for await (const chunk of body) parser.feed(text.decode(chunk as Uint8Array, { stream: true }));
  }
}
