import type { Admin, Inspector, QueueBackend } from '../../core/contract/backend';
import type { NewJob, PutResult } from '../../core/contract/job-data';
import type { Leases, LostListener } from '../../core/contract/leases';
import { BeanstalkdAdmin } from './beanstalkd-admin';
import { BeanstalkdInspector } from './beanstalkd-inspector';
import { BeanstalkdLeases } from './beanstalkd-leases';
import { BeanstalkdProducer } from './beanstalkd-producer';
import { BeanstalkdServer } from './beanstalkd-server';
import { addressOf, type BeanstalkdOptions, parseBeanstalkdUrl } from './connection/address';

/**
 * A queue on beanstalkd 1.11 or later, through the package fivebeans. Jobs survive the server's crash when it keeps a
 * binlog (its option `-b`), as far as the binlog is on the disk (`-f0`: always).
 *
 * @throws {InvalidConfigurationError} for what is neither a `beanstalkd://` URL nor its options
 * @example
 * JobQueueModule.forRoot({ backend: beanstalkdBackend({ host: 'queue.example.com', timeout: '5s' }) })
 */
export function beanstalkdBackend(target: string | BeanstalkdOptions = {}): QueueBackend {
  return new BeanstalkdBackend(typeof target === 'string' ? parseBeanstalkdUrl(target) : target);
}

class BeanstalkdBackend implements QueueBackend {
  readonly name = 'beanstalkd';
  readonly inspect: Inspector;
  readonly admin: Admin;
  readonly features = {};
  private readonly server: BeanstalkdServer;
  private readonly producer: BeanstalkdProducer;

  constructor(options: BeanstalkdOptions) {
    this.server = new BeanstalkdServer(addressOf(options));
    this.producer = new BeanstalkdProducer(this.server);
    this.inspect = new BeanstalkdInspector(this.server);
    this.admin = new BeanstalkdAdmin(this.server);
  }

  connect(): Promise<void> {
    return this.server.connect();
  }

  close(): Promise<void> {
    return this.server.close();
  }

  async put(pipeline: string, jobs: readonly NewJob[]): Promise<PutResult[]> {
    const ids = await this.producer.put(pipeline, jobs);
    return ids.map((id) => ({ id, existed: false }));
  }

  lease(pipelines: readonly string[], onLost?: LostListener): Promise<Leases> {
    return BeanstalkdLeases.open(this.server, pipelines, onLost);
  }
}
