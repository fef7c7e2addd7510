import { sqlBackend } from '../../lib/typeorm';
import { Proxy } from '../faults/support/proxy';
import { itSurvives } from '../faults/support/scene';
import { askMysql } from '../support/ask';
import { freshMysqlDatabase } from '../support/databases';
import { until } from '../support/until';
import { Cluster, several, through } from './support/cluster';
import { startGalera } from './support/galera';

const FIRST_STARTS = 6;

describe('A queue on Galera', () => {
  const cluster = new Cluster('Galera', startGalera);

  beforeAll(() => cluster.start(), 180_000);
  afterEach(() => cluster.restore(), 180_000);
  afterAll(() => cluster.remove(), 60_000);

  it('makes its tables once when all nodes meet it first at the same time', async () => {
    for (let start = 0; start < FIRST_STARTS; start += 1) {
      const database = await freshMysqlDatabase(cluster.node(0).url);
      const { pathname } = new URL(database.url);
      const urls = cluster.nodes.map(({ url }) => Object.assign(new URL(url), { pathname }).href);
      // The other nodes hear of the new database a moment later.
      await Promise.all(
        urls.map((url) => until('the node has the database', () => askMysql(url, 'select 1'))),
      );
      const backends = urls.map((url) => sqlBackend(url));
      await Promise.all(backends.map((backend) => backend.connect()));
      const job = { payload: '"hello"', priority: 0, delay: 0, ttr: 60 };
      const put = (await Promise.all(backends.map((backend) => backend.put('mail', [job])))).flat();
      const ids = put.map(({ id }) => id).sort();
      expect(new Set(ids).size).toBe(cluster.nodes.length);
      const stored = await askMysql(urls.at(-1) ?? '', 'select id from job_queue_jobs');
      expect(stored.map(({ id }) => String(id)).sort()).toEqual(ids);
      await Promise.all(backends.map((backend) => backend.close()));
      await database.drop();
    }
  }, 120_000);

  itSurvives('workers on two nodes, no fault', cluster, async (scene) => {
    await Promise.all([
      scene.worker({ CONCURRENCY: '20', JOB_QUEUE_URL: cluster.node(0).url }),
      scene.worker({ CONCURRENCY: '20', JOB_QUEUE_URL: cluster.node(1).url }),
    ]);
    await scene.producer.add(2000, {}, { ttr: 10 });
    await scene.sees(2000, 'completed');
    scene.faultIsOver();
  });

  itSurvives('two of three nodes are frozen: no quorum', cluster, async (scene) => {
    const worker = await scene.worker({ CONCURRENCY: '5', JOB_QUEUE_URL: cluster.url() });
    await scene.producing({}, async () => {
      await scene.sees(20, 'handled');
      const others = cluster.nodes.slice(0, -1);
      for (const node of others) node.freeze();
      try {
        await worker.prints('does not answer, trying again until it does');
        await until(
          'the node has no quorum',
          async () => {
            const refusal = await askMysql(cluster.url(), 'select count(*) from mysql.user').then(
              () => '',
              String,
            );
            return refusal.includes('WSREP has not yet prepared');
          },
          { within: 20 },
        );
      } finally {
        for (const node of others) node.thaw();
      }
      scene.faultIsOver();
      await worker.prints('answers again after');
      await scene.seesMore(20, 'completed');
    });
  });

  itSurvives('kill -9 of a node under load', cluster, async (scene) => {
    const balancer = await Proxy.before(cluster.node(0).port);
    await Promise.all([
      scene.worker({ CONCURRENCY: '5', JOB_QUEUE_URL: through(cluster.node(0).url, balancer) }),
      scene.worker({ CONCURRENCY: '5', JOB_QUEUE_URL: cluster.node(1).url }),
    ]);
    await scene.producing({}, async () => {
      await scene.sees(40, 'handled');
      await cluster.node(0).kill();
      balancer.leadTo(cluster.node(1).port);
      scene.faultIsOver();
      await scene.seesMore(40, 'completed');
    });
  });

  itSurvives('kill -9 of a node, and everybody knows all of them', cluster, async (scene) => {
    const url = several(cluster.nodes);
    const producer = await scene.producerAt(url);
    await Promise.all([
      scene.worker({ CONCURRENCY: '5', JOB_QUEUE_URL: url }),
      scene.worker({ CONCURRENCY: '5', JOB_QUEUE_URL: url }),
    ]);
    await scene.producing(
      {},
      async () => {
        await scene.sees(40, 'handled');
        await cluster.node(0).kill();
        scene.faultIsOver();
        await scene.seesMore(40, 'completed');
      },
      producer,
    );
  });
});
