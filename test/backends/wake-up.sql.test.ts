import { openBackend } from '../../lib/backends/open-backend';
import type { QueueBackend } from '../../lib/core/backend';
import { newJob } from '../../lib/core/job-options';
import { Opened } from '../support/opened';
import { queuePlaces } from '../support/queue-places';
import { selectedBackends } from '../support/test-servers';

/** Shorter than the second after which anybody looks who has no reason to. */
const WAIT = 0.6;

describe.each(selectedBackends().filter((name) => name !== 'memory' && name !== 'beanstalkd'))(
  'a consumer of %s',
  (name) => {
    const opened = new Opened();
    let remove: () => Promise<unknown>;
    let here: QueueBackend;
    let elsewhere: QueueBackend;

    beforeAll(async () => {
      const place = await queuePlaces[name]();
      remove = () => place.remove();
      const open = async () => {
        const backend = opened.add(await openBackend(place.backend as string));
        await backend.connect();
        return backend;
      };
      here = await open();
      elsewhere = await open();
    });

    afterAll(async () => {
      await opened.close();
      await remove();
    });

    it('hears soon of what another process adds, each time that it waits again', async () => {
      const consumer = opened.add(await here.consume(['mail']));
      const { signal } = new AbortController();
      let settle: Parameters<typeof consumer.exchange>[0]['settle'] = [];
      for (let number = 0; number < 12; number += 1) {
        // Hands back the last job and finds nothing, as a worker does before it waits.
        await consumer.exchange({ settle, reserve: 1, wait: 0, signal });
        const waiting = consumer.exchange({ settle: [], reserve: 1, wait: WAIT, signal });
        await elsewhere.put('mail', [newJob(`${number}`)]);
        const { reserved } = await waiting;
        expect(reserved.map(({ payload }) => payload)).toEqual([`${number}`]);
        settle = reserved.map((job) => ({ job, outcome: 'delete' as const }));
      }
    });
  },
);
