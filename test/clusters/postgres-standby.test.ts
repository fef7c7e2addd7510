import { Proxy } from '../faults/support/proxy';
import { itSurvives } from '../faults/support/scene';
import { Cluster, several, through } from './support/cluster';
import { promote, startPair } from './support/standby';

describe('A queue on PostgreSQL with a synchronous standby', () => {
  let balancer: Proxy;
  const cluster = new Cluster('PostgreSQL, standby', startPair, ([primary]) =>
    through(primary?.url ?? '', balancer),
  );

  beforeAll(async () => {
    await cluster.start();
    // Leads to the primary, as HAProxy before Patroni does.
    balancer = await Proxy.before(cluster.node(0).port);
  }, 180_000);
  afterAll(() => cluster.remove(), 60_000);

  itSurvives('the proxy leads to the standby before it is promoted', cluster, async (scene) => {
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

  itSurvives('the standby is frozen, and commits wait for it', cluster, async (scene) => {
    const worker = await scene.worker({ CONCURRENCY: '5' });
    // They end while it is frozen: a worker that has nothing to commit does not notice.
    await scene.producer.add(4, { until: scene.path('released') }, { ttr: 20 });
    await scene.producing({}, async () => {
      await scene.sees(20, 'handled');
      cluster.node(1).freeze();
      await scene.release();
      try {
        await worker.prints('does not answer, trying again until it does');
      } finally {
        cluster.node(1).thaw();
      }
      scene.faultIsOver();
      await worker.prints('answers again after');
      await scene.seesMore(20, 'completed');
    });
  });

  // The last one: it costs a node.
  itSurvives('kill -9 of the primary, and the standby is promoted', cluster, async (scene) => {
    await Promise.all([scene.worker({ CONCURRENCY: '5' }), scene.worker({ CONCURRENCY: '5' })]);
    await scene.producing({}, async () => {
      await scene.sees(40, 'handled');
      await cluster.node(0).kill();
      await promote(cluster.node(1));
      balancer.leadTo(cluster.node(1).port);
      scene.faultIsOver();
      await scene.seesMore(40, 'completed');
    });
  });
});

describe('A queue on PostgreSQL with a synchronous standby, both in its URL', () => {
  const cluster = new Cluster('PostgreSQL, standby', startPair, several);

  beforeAll(() => cluster.start(), 180_000);
  afterAll(() => cluster.remove(), 60_000);

  itSurvives('kill -9 of the primary, and everybody knows both', cluster, async (scene) => {
    await Promise.all([scene.worker({ CONCURRENCY: '5' }), scene.worker({ CONCURRENCY: '5' })]);
    await scene.producing({}, async () => {
      await scene.sees(40, 'handled');
      await cluster.node(0).kill();
      await promote(cluster.node(1));
      scene.faultIsOver();
      await scene.seesMore(40, 'completed');
    });
  });
});
