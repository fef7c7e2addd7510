import { JobQueueModule, JobQueueService } from '../../lib/index';
import { sqlBackend } from '../../lib/typeorm';
import { application, closeApplications } from '../nest/application';
import { askPostgres } from '../support/ask';
import { startPostgres } from '../support/servers/postgres';
import { until } from '../support/until';

describe('with a synchronous standby that is not there', () => {
  afterEach(closeApplications);

  it('a put ends with its deadline, and says so', async () => {
    const server = await startPostgres();
    const backend = sqlBackend(server.url, { timeout: 1 });
    const app = await application({ imports: [JobQueueModule.forRoot({ backend })] });
    await askPostgres(server.url, `alter system set synchronous_standby_names = 'standby'`);
    await askPostgres(server.url, 'select pg_reload_conf()');
    const put = () => app.get(JobQueueService).addJob('mail', 1);
    await until('the setting holds', async () => {
      await expect(put()).rejects.toThrow(/did not answer within 1 s, and the connection was cut/);
      return true;
    });
    await askPostgres(server.url, 'alter system reset synchronous_standby_names');
    await askPostgres(server.url, 'select pg_reload_conf()');
    await until('a job is added', put);
    await closeApplications();
    await server.remove();
  }, 60_000);
});
