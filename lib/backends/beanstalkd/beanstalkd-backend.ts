import type { Consumer, QueueBackend } from '../../core/contract/backend';
import type {
  JobId,
  JobSnapshot,
  NewJob,
  PipelineStats,
  RestingState,
  Seconds,
} from '../../core/contract/job-data';
import { addressOf, type BeanstalkdOptions, parseBeanstalkdUrl } from './address';
import { BeanstalkdConsumer } from './beanstalkd-consumer';
import { BeanstalkdInspector } from './beanstalkd-inspector';
import { BeanstalkdProducer } from './beanstalkd-producer';
import { BeanstalkdServer } from './beanstalkd-server';

/**
 * A queue on beanstalkd 1.11 or later, through the package fivebeans: `beanstalkd://host:11300`, or the same as
 * options. Throws `InvalidConfigurationError` for what is neither. What was added survives the server's end when
 * the server has a binlog (its option -b), as far as that is written to disk (-f0: always).
 */
export function beanstalkdBackend(target: string | BeanstalkdOptions = {}): QueueBackend {
  return new BeanstalkdBackend(typeof target === 'string' ? parseBeanstalkdUrl(target) : target);
}

class BeanstalkdBackend implements QueueBackend {
  readonly name = 'beanstalkd';
  private readonly server: BeanstalkdServer;
  private readonly producer: BeanstalkdProducer;
  private readonly inspector: BeanstalkdInspector;

  constructor(options: BeanstalkdOptions) {
    this.server = new BeanstalkdServer(addressOf(options));
    this.producer = new BeanstalkdProducer(this.server);
    this.inspector = new BeanstalkdInspector(this.server);
  }

  connect(): Promise<void> {
    return this.server.connect();
  }

  close(): Promise<void> {
    return this.server.close();
  }

  consume(pipelines: readonly string[]): Promise<Consumer> {
    return BeanstalkdConsumer.open(this.server, pipelines);
  }

  put(pipeline: string, jobs: readonly NewJob[]): Promise<JobId[]> {
    return this.producer.put(pipeline, jobs);
  }

  find(id: JobId): Promise<JobSnapshot | undefined> {
    return this.inspector.find(id);
  }

  peek(pipeline: string, state: RestingState): Promise<JobSnapshot | undefined> {
    return this.inspector.peek(pipeline, state);
  }

  stats(pipeline: string): Promise<PipelineStats> {
    return this.inspector.stats(pipeline);
  }

  pipelines(): Promise<string[]> {
    return this.inspector.pipelines();
  }

  kick(pipeline: string, limit: number): Promise<number> {
    return this.inspector.kick(pipeline, limit);
  }

  kickJob(id: JobId): Promise<boolean> {
    return this.inspector.kickJob(id);
  }

  discard(id: JobId): Promise<boolean> {
    return this.inspector.discard(id);
  }

  clear(pipeline: string, state: RestingState): Promise<number> {
    return this.inspector.clear(pipeline, state);
  }

  pause(pipeline: string, duration: Seconds): Promise<void> {
    return this.inspector.pause(pipeline, duration);
  }

  resume(pipeline: string): Promise<void> {
    return this.inspector.resume(pipeline);
  }
}
