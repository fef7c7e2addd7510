import { Proxy } from '../faults/support/proxy';
import { itSurvives } from '../faults/support/scene';
import { until } from '../support/until';
import { Cluster, through } from './support/cluster';
import { primaryPort, startGroup } from './support/group-replication';

describe('A queue on Group Replication', () => {
  let balancer: Proxy;
  const cluster = new Cluster('Group Replication', startGroup, ([first]) =>
    through(first?.url ?? '', balancer),
  );

  beforeAll(async () => {
    await cluster.start();
    // Leads to the primary, as MySQL Router does.
    balancer = await Proxy.before(cluster.node(0).port);
  }, 180_000);
  afterAll(() => cluster.remove(), 60_000);

  itSurvives('workers at the primary, no fault', cluster, async (scene) => {
    await Promise.all([scene.worker({ CONCURRENCY: '20' }), scene.worker({ CONCURRENCY: '20' })]);
    await scene.producer.add(2000, {}, { ttr: 10 });
    await scene.sees(2000, 'completed');
    scene.faultIsOver();
  });

  itSurvives('a router goes on leading to a node that may only be read', cluster, async (scene) => {
    const worker = await scene.worker({ CONCURRENCY: '5' });
    await scene.producing({}, async () => {
      await scene.sees(20, 'handled');
      balancer.leadTo(cluster.node(1).port);
      balancer.cutAll();
      await worker.prints('does not answer, trying again until it does');
      balancer.leadTo(cluster.node(0).port);
      scene.faultIsOver();
      await worker.prints('answers again after');
      await scene.seesMore(20, 'completed');
    });
  });

  // The last one: it costs a node.
  itSurvives('kill -9 of the primary under load', cluster, async (scene) => {
    await Promise.all([scene.worker({ CONCURRENCY: '5' }), scene.worker({ CONCURRENCY: '5' })]);
    await scene.producing({}, async () => {
      await scene.sees(40, 'handled');
      await cluster.node(0).kill();
      scene.faultIsOver();
      const port = await until(
        'another node is the primary',
        async () => {
          const elected = await primaryPort(cluster.node(1));
          return elected !== undefined && elected !== cluster.node(0).port && elected;
        },
        { within: 30 },
      );
      balancer.leadTo(port);
      await scene.seesMore(40, 'completed');
    });
  });
});
