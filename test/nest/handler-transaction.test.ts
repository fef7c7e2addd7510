import { TypeOrmModule } from '@nestjs/typeorm';
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import {
  definePipeline,
  type Job,
  JobQueueModule,
  type JobQueueOptions,
  JobQueueService,
  Process,
  Processor,
} from '../../lib/index';
import { type TransactionalJob, typeOrmBackend } from '../../lib/typeorm';
import { applicationDatabases } from '../support/application-databases';
import { coded } from '../support/coded';
import { beanstalkdUrl, selectedBackends } from '../support/test-servers';
import { until } from '../support/until';
import { application, closeApplications, queueApplication } from './application';

@Entity()
class Invoice {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('int')
  order!: number;
}

interface Order {
  readonly id: number;
  readonly addressIsWrong?: boolean;
}

const orders = definePipeline<Order>('orders');
const mails = definePipeline<number>('mails');
const mailed: number[] = [];

afterEach(closeApplications);

for (const name of selectedBackends().filter((name) => name in applicationDatabases)) {
  describe(`a processor with transactions on ${name}`, () => {
    let remove: (() => Promise<unknown>) | undefined;

    afterEach(async () => {
      await closeApplications();
      await remove?.();
    });

    it('saves entities, adds the next job and ends its own in one transaction', async () => {
      @Processor()
      class OrderProcessor {
        constructor(private readonly queue: JobQueueService) {}

        @Process(orders, { transaction: true })
        async invoice({ payload, manager }: TransactionalJob<Order>): Promise<void> {
          await manager.getRepository(Invoice).save({ order: payload.id });
          await this.queue.addJob(mails, payload.id, { manager });
          if (payload.addressIsWrong) throw new Error('no such address');
        }

        @Process(mails)
        mail(job: Job<number>): void {
          mailed.push(job.payload);
        }
      }

      const created = await applicationDatabases[name]!();
      remove = () => created.remove();
      const app = await application({
        imports: [
          TypeOrmModule.forRoot({ ...created.options, entities: [Invoice], synchronize: true }),
          JobQueueModule.forRoot({ backend: typeOrmBackend() }),
        ],
        providers: [OrderProcessor],
      });
      const queue = app.get(JobQueueService);
      await queue.addJobs(orders, [{ payload: { id: 1, addressIsWrong: true } }, { payload: { id: 2 } }]);
      await until('the second order is mailed', () => mailed.length > 0);
      await until('the first order is buried', async () => (await queue.getBuriedCount(orders)) === 1);
      expect(mailed.splice(0)).toEqual([2]);
      const invoices = await app.get(DataSource).getRepository(Invoice).find();
      expect(invoices.map(({ order }) => order)).toEqual([2]);
      expect((await queue.getNextBuriedJob(orders))?.reason).toContain('no such address');
    });
  });
}

describe('a queue that cannot delete jobs in transactions of the application', () => {
  @Processor('orders')
  class OrderProcessor {
    @Process()
    invoice(): void {}
  }
  const queues: [string, () => JobQueueOptions['backend']][] = [
    ['memory', () => memoryBackend()],
    ['sqlite', () => 'sqlite::memory:'],
    ['beanstalkd', () => beanstalkdUrl()],
  ];

  for (const [name, backend] of queues.filter(([name]) => selectedBackends().some((own) => own === name))) {
    it(`lets no application with such a processor start: ${name}`, async () => {
      const start = queueApplication([OrderProcessor], {
        backend: backend()!,
        defaults: { transaction: true },
      });
      await expect(start).rejects.toThrow(
        coded('PROCESSOR_MISCONFIGURED', {
          message: `OrderProcessor.invoice: The ${name} backend cannot delete a job in its handler’s transaction: give the queue the application’s DataSource, typeOrmBackend(), or what runs its transactions, sqlBackend(url, { transaction: (work) => prisma.$transaction(work) }), or leave the option transaction out.`,
        }),
      );
    });
  }
});

it('only a handler with the option is given a manager, says the compiler', () => {
  class Processors {
    // @ts-expect-error: without the option there is no manager.
    @Process(orders)
    withoutTransaction(_job: TransactionalJob<Order>): void {}

    // @ts-expect-error: the pipeline has orders.
    @Process(orders, { transaction: true })
    ofAnotherPipeline(_job: TransactionalJob<number>): void {}

    @Process(orders, { transaction: true })
    withPlainJob(_job: Job<Order>): void {}
  }
  expect(Object.getOwnPropertyNames(Processors.prototype)).toContain('withPlainJob');
});
