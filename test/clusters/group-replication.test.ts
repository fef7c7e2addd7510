import { Proxy } from '../faults/support/proxy';
import { itSurvives } from '../faults/support/scene';
import { until } from '../support/until';
import { Cluster, several, through } from './support/cluster';
import { joinGroup, primaryPort, startGroup } from './support/group-replication';

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
  afterEach(async () => {
    await cluster.restore(joinGroup);
    balancer.leadTo((await primaryPort(cluster.node(0))) ?? 0);
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
      const primary = await primaryPort(cluster.node(0));
      balancer.leadTo(cluster.nodes.find(({ port }) => port !== primary)?.port ?? 0);
      balancer.cutAll();
      await worker.prints('does not answer, trying again until it does');
      balancer.leadTo(primary ?? 0);
      scene.faultIsOver();
      await worker.prints('answers again after');
      await scene.seesMore(20, 'completed');
    });
  });

  itSurvives('kill -9 of the primary under load', cluster, async (scene) => {
    await Promise.all([scene.worker({ CONCURRENCY: '5' }), scene.worker({ CONCURRENCY: '5' })]);
    await scene.producing({}, async () => {
      await scene.sees(40, 'handled');
      const primary = cluster.nodeAt(await primaryPort(cluster.node(0)));
      const others = cluster.nodes.filter((node) => node !== primary);
      await primary.kill();
      scene.faultIsOver();
      const port = await until(
        'another node is the primary',
        async () => {
          const elected = others[0] && (await primaryPort(others[0]));
          return elected !== undefined && elected !== primary.port && elected;
        },
        { within: 30 },
      );
      balancer.leadTo(port);
      await scene.seesMore(40, 'completed');
    });
  });

  itSurvives('kill -9 of the primary, and everybody knows all of them', cluster, async (scene) => {
    const primary = cluster.nodeAt(await primaryPort(cluster.node(0)));
    const url = several([primary, ...cluster.nodes.filter((node) => node !== primary)]);
    const producer = await scene.producerAt(url);
    await Promise.all([
      scene.worker({ CONCURRENCY: '5', JOB_QUEUE_URL: url }),
      scene.worker({ CONCURRENCY: '5', JOB_QUEUE_URL: url }),
    ]);
    await scene.producing(
      {},
      async () => {
        await scene.sees(40, 'handled');
        await primary.kill();
        scene.faultIsOver();
        await scene.seesMore(40, 'completed');
        // For the last look at the queue, which goes through it.
        balancer.leadTo((await primaryPort(cluster.nodes.find((node) => node !== primary)!)) ?? 0);
      },
      producer,
    );
  });
});
