import { setTimeout as sleep } from 'node:timers/promises';
import { type PrivateServer } from './private-server';

export interface ServerUnderTest {
  readonly start: () => Promise<PrivateServer>;
  /** Stores something and answers how to ask for it. */
  readonly store: (url: string) => Promise<string>;
  readonly isStored: (url: string, key: string) => Promise<boolean>;
}

/** A start may take 30 s and a stop 10 s. */
jest.setTimeout(120_000);

/** What every private server can do. */
export function describePrivateServer(name: string, { start, store, isStored }: ServerUnderTest): void {
  describe(`A private server: ${name}`, () => {
    let server: PrivateServer;

    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.remove());

    it('answers', async () => {
      expect(await isStored(server.url, await store(server.url))).toBe(true);
    });

    it('comes back on the same port with its data after a stop', async () => {
      const { url, pid } = server;
      const key = await store(url);
      await server.stop();
      await expect(isStored(url, key)).rejects.toThrow();
      expect(() => server.pid).toThrow('is not running');

      await server.start();
      expect(server.pid).not.toBe(pid);
      expect(await isStored(url, key)).toBe(true);
    });

    it('comes back with its data after SIGKILL', async () => {
      const key = await store(server.url);
      await server.kill();
      await server.start();
      expect(await isStored(server.url, key)).toBe(true);
    });

    it('is silent while it is frozen, and then goes on', async () => {
      const key = await store(server.url);
      server.freeze();
      const answer = isStored(server.url, key);
      // Silence can only be shown by waiting for a while.
      expect(await Promise.race([answer, sleep(300, 'silence')])).toBe('silence');
      server.thaw();
      expect(await answer).toBe(true);
    });

    it('can be stopped and killed while it is frozen', async () => {
      server.freeze();
      await server.stop();
      await server.start();
      server.freeze();
      await server.kill();
      await server.start();
      await store(server.url);
    });

    it('stands beside a second one of its kind', async () => {
      const second = await start();
      expect(second.port).not.toBe(server.port);
      await Promise.all([store(server.url), store(second.url)]);
      await second.remove();
    });
  });
}
