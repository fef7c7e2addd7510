import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { openBackend } from '../../lib/backends/open-backend';
import type { QueueBackend } from '../../lib/core/contract/backend';
import { newJob } from '../../lib/core/policy/job-options';
import { Proxy } from '../faults/support/proxy';
import { coded } from '../support/coded';
import { Opened } from '../support/opened';
import { type QueuePlace, queuePlaces } from '../support/queue-places';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { changed } from './refusal';

const signal = new AbortController().signal;

/** A server that is going down, or has not come up yet: it ends every connection at once. */
async function downServer(
  opened: Opened,
): Promise<{ readonly port: number; readonly refused: () => number }> {
  let refused = 0;
  const listener = createServer((socket) => {
    refused += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  opened.add({ close: async () => void listener.close() });
  return { port: (listener.address() as AddressInfo).port, refused: () => refused };
}

describe.each(selectedBackends().filter((name) => ['postgres', 'mysql', 'mariadb'].includes(name)))(
  'What leases on %s hold when they close while the server is away',
  (name) => {
    const opened = new Opened();
    let place: QueuePlace;
    let proxy: Proxy;
    let port: number;
    let observer: QueueBackend;

    beforeEach(async () => {
      place = await queuePlaces[name]();
      const url = place.backend as string;
      port = Number(new URL(url).port);
      proxy = await Proxy.before(port);
      observer = opened.add(await openBackend(url));
      await observer.connect();
    });
    afterEach(async () => {
      proxy.cutAll();
      await opened.close();
      await place.remove();
    });

    async function heldThroughProxy() {
      const url = changed(place.backend as string, { port: String(proxy.port) });
      const backend = opened.add(await openBackend(url));
      await backend.connect();
      await backend.put(place.pipeline, [newJob('1')]);
      const leases = await backend.lease([place.pipeline]);
      const [job] = await leases.reserve(1, 10, signal);
      const down = await downServer(opened);
      proxy.leadTo(down.port);
      proxy.cutAll();
      return { leases, down, id: job!.id };
    }

    it('goes back when it comes up again within two seconds, and counts as no lost lease', async () => {
      const { leases, down, id } = await heldThroughProxy();
      const closing = leases.close();
      await until('a connection was refused', () => down.refused() > 0);
      proxy.leadTo(port);
      await closing;
      expect(await observer.inspect.find(id)).toMatchObject({ state: 'ready', timeouts: 0 });
    });

    it('stays theirs when it does not, and the close says so', async () => {
      const { leases, id } = await heldThroughProxy();
      const began = performance.now();
      await expect(leases.close()).rejects.toThrow(coded('BACKEND_UNAVAILABLE'));
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(await observer.inspect.find(id)).toMatchObject({ state: 'reserved' });
    });
  },
);
