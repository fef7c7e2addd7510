import type { Producer } from './support/producer';
import { type Cut, Proxy } from './support/proxy';
import { itSurvives, type Scene } from './support/scene';
import type { ServerSystem } from './support/system';

const MARK = 'the sword falls here';

const CUTS: [fault: string, cut: Cut, stored: number][] = [
  ['the connection is cut before addJob has left', 'before', 0],
  ['the connection is cut in the middle of addJob', 'within', 0],
  ['the connection is cut before addJob is answered', 'after', 1],
];

/** The connection breaks while jobs are added. */
export function describeCuts(system: ServerSystem): void {
  for (const [fault, cut, stored] of CUTS) {
    itSurvives(fault, system, async (scene) => {
      const [producer, proxy] = await producerBehindProxy(scene, system);
      await producer.add(3);
      proxy.cutAt(MARK, cut);
      expect(await producer.addOne({ ballast: MARK })).toBe(false);
      expect(await scene.producer.queue.getReadyCount(scene.pipeline)).toBe(3 + stored);
      expect(await producer.addOne()).toBe(true);
      scene.faultIsOver();
      await scene.worker({ CONCURRENCY: '5' });
    });
  }
}

async function producerBehindProxy(scene: Scene, { server }: ServerSystem): Promise<[Producer, Proxy]> {
  const proxy = await Proxy.before(server.port);
  const url = new URL(scene.url);
  url.port = String(proxy.port);
  return [await scene.producerAt(url.href), proxy];
}
