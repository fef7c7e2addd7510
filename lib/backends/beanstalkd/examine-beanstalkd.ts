import { messageOf } from '../../core/checks/text';
import { JobQueueError } from '../../core/contract/errors';
import type { Examined, Finding } from '../../core/contract/ports/examination';
import { BeanstalkdServer } from './beanstalkd-server';
import { addressOf, parseBeanstalkdUrl } from './connection/address';
import type { BeanstalkdConnection } from './connection/beanstalkd-connection';
import { namesIn, Stats } from './stats';

const SMALL_JOBS = 65_535;

/** Looks at a beanstalkd and changes nothing. What cannot be reached is a finding, too. */
export async function* examineBeanstalkd(url: string): AsyncGenerator<Examined> {
  const server = new BeanstalkdServer(addressOf(parseBeanstalkdUrl(url)));
  try {
    await server.connect();
  } catch (error) {
    if (!(error instanceof JobQueueError)) throw error;
    const remedy = 'Start the server, or correct the host, the port and the firewall between.';
    yield { about: 'server', seen: '', findings: [{ finding: messageOf(error), remedy }] };
    return;
  }
  try {
    const connection = await server.connection();
    const stats = new Stats((await connection.ask('stats')).body);
    yield serverOf(stats);
    yield durabilityOf(stats);
    yield await pipelinesOf(connection);
  } finally {
    await server.close();
  }
}

function serverOf(stats: Stats): Examined {
  const findings: Finding[] = [];
  if (stats.text('draining') === 'true')
    findings.push({
      finding: 'The server is draining: it takes no jobs any more.',
      remedy: 'Start it anew when its last jobs are done.',
    });
  const largest = stats.number('max-job-size');
  if (largest < SMALL_JOBS)
    findings.push({
      finding: `The server takes jobs of up to ${largest} bytes.`,
      remedy: 'Start it with -z and a larger number.',
    });
  return { about: 'server', seen: `beanstalkd ${stats.text('version')}`, findings };
}

function durabilityOf(stats: Stats): Examined {
  const hasLog = stats.number('binlog-current-index') > 0;
  const finding = {
    finding: 'The server keeps no binlog: when it ends, all jobs are lost.',
    remedy: 'Start it with -b and a folder, and -f 0 to have each job on the disk before it answers.',
  };
  return { about: 'durability', seen: hasLog ? 'binlog' : '', findings: hasLog ? [] : [finding] };
}

/** The server knows who waits for jobs, and of which pipelines. */
async function pipelinesOf(connection: BeanstalkdConnection): Promise<Examined> {
  const findings: Finding[] = [];
  let jobs = 0;
  const names = namesIn((await connection.ask('list_tubes')).body);
  for (const name of names) {
    const found = await connection.ask('stats_tube', name);
    if (!found.done) continue;
    const stats = new Stats(found.body);
    const ready = stats.number('current-jobs-ready');
    jobs += ready;
    if (ready > 0 && stats.number('current-watching') === 0)
      findings.push({
        finding: `${name}: ${ready} ready, and no worker watches it.`,
        remedy: 'Start a worker with a handler for it.',
      });
    if (ready > 0 && stats.number('pause-time-left') > 0)
      findings.push({
        finding: `${name}: ${ready} ready, and it is paused for ${stats.number('pause-time-left')} s.`,
        remedy: `job-queue resume ${name}`,
      });
  }
  return { about: 'pipelines', seen: `${names.length}: ${jobs} ready`, findings };
}
