import { beanstalkdBackend } from '../../lib/beanstalkd';
import { jsonCodec } from '../../lib/core/payload/payload-codec';
import { Reservations } from '../../lib/core/reservations/reservations';
import { askBeanstalkd } from '../support/ask';
import { startBeanstalkd } from '../support/servers/beanstalkd';

it('beanstalkd: reserving by hand from ever other pipelines keeps few connections', async () => {
  const server = await startBeanstalkd();
  const backend = beanstalkdBackend({ port: server.port });
  await backend.connect();
  const reservations = new Reservations(backend, jsonCodec);
  for (let set = 0; set < 50; set += 1)
    expect(await reservations.reserve([`mail-${set}`, 'letters'], 0)).toBeUndefined();
  const stats = await askBeanstalkd(server.url, 'stats');
  const connections = Number(/current-connections: (\d+)/.exec(stats)?.[1]);
  // Ten that are kept, that of the commands, and this one.
  expect(connections).toBeLessThanOrEqual(12);
  await reservations.close();
  await backend.close();
  await server.remove();
});
