import { DataSource } from 'typeorm';
import { typeOrmBackend } from '../../lib/typeorm';
import { applicationDatabases } from '../support/application-databases';
import { selectedBackends } from '../support/test-servers';

const systems = selectedBackends().filter((name) => name in applicationDatabases);

/* A table whose ids did not begin at 1, as one that was filled from another system. */
it.each(systems)('a job whose id has 19 digits is found, kicked and discarded on %s', async (system) => {
  const database = await applicationDatabases[system]!();
  const source = await new DataSource(database.options).initialize();
  const backend = typeOrmBackend({ dataSource: source });
  try {
    await backend.connect();
    await backend.put('mails', [{ payload: '1', priority: 1, delay: 60, ttr: 60 }]);
    const id = '9223372036854775807';
    await source.query(`update job_queue_jobs set id = ${id}`);
    expect(await backend.inspect.find(id)).toMatchObject({ pipeline: 'mails' });
    expect(await backend.inspect.find('9223372036854775808')).toBeUndefined();
    expect(await backend.admin.kickJob(id)).toBe(true);
    expect(await backend.admin.discard(id)).toBe(true);
  } finally {
    await backend.close();
    await source.destroy();
    await database.remove();
  }
});
