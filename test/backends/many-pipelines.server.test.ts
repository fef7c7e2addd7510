import type { SqlBackend } from '../../lib/backends/sql/engine/sql-backend';
import { silentLogger } from '../../lib/core/contract/logger';
import { jsonCodec } from '../../lib/core/payload/payload-codec';
import { JobEvents } from '../../lib/core/policy/job-events';
import { newJob } from '../../lib/core/policy/job-options';
import { WorkerGroup } from '../../lib/core/process/worker-group';
import { JobRunner } from '../../lib/core/worker/run/job-runner';
import { sqlBackend } from '../../lib/typeorm';
import { newPlace, type Place } from '../orms/place';
import { selectedBackends } from '../support/test-servers';
import { until } from '../support/until';

const PIPELINES = 55;
/** What the drivers' pools open at most, and one for LISTEN or for adds with unique keys. */
const MOST_CONNECTIONS = 11;

const connections: Readonly<Record<string, string>> = {
  postgres:
    'select count(*)::int as number from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  mysql:
    'select count(*) as number from information_schema.processlist where db = database() and id <> connection_id()',
};

describe.each(selectedBackends().filter((name) => name in connections))(
  'a process that works on 55 pipelines of %s',
  (system) => {
    let place: Place;
    let backend: SqlBackend;

    beforeEach(async () => {
      place = await newPlace(system);
      backend = sqlBackend(place.queue);
      await backend.connect();
    });
    afterEach(async () => {
      await backend.close();
      await place.remove();
    });

    it('has no more connections than one with few, and looks for all of them together', async () => {
      const done = new Set<string>();
      const group = new WorkerGroup(backend, new JobEvents(silentLogger), silentLogger);
      const names = Array.from({ length: PIPELINES }, (_, n) => `pipeline_${n}`);
      const runner = new JobRunner({
        handler: (job) => void done.add(job.pipeline),
        codec: jsonCodec,
        retry: { attempts: 1 },
        maxLost: 3,
        timeout: 0,
      });
      for (const pipeline of names) await group.start({ pipeline, concurrency: 1, prefetch: true, runner });
      await Promise.all(names.map((name) => backend.put(name, [newJob('1')])));
      await until('every pipeline has run its job', () => done.size === PIPELINES, { within: 30 });
      const [open] = await place.ask(connections[system]!);
      expect(Number(open?.number)).toBeLessThanOrEqual(MOST_CONNECTIONS);
      await group.drain(5);
    });
  },
);
