import {
  definePipeline,
  InvalidConfigurationError,
  type Job,
  JobQueueModule,
  JobQueueService,
  Process,
  Processor,
} from '../../lib/index';
import { memoryBackend } from '../../lib/testing';
import { TestClock } from '../../lib/testing/test-clock';
import { coded } from '../support/coded';
import { until } from '../support/until';
import { application, closeApplications, queueApplication } from './application';

const reports = definePipeline<number>('reports');
const handled: string[] = [];

@Processor()
class Everything {
  @Process('mail')
  mail({ pipeline }: Job): void {
    handled.push(pipeline);
  }

  @Process(reports, { every: '9999d' })
  report({ pipeline }: Job<number>): void {
    handled.push(pipeline);
  }

  @Process('images')
  image({ pipeline }: Job): void {
    handled.push(pipeline);
  }
}

afterEach(async () => {
  delete process.env.JOB_QUEUE_WORKERS;
  await closeApplications();
  handled.splice(0);
});

/** Adds a job to each pipeline; the jobs of those that are not worked on stay. */
async function workedOn(queue: JobQueueService, expected: readonly string[]): Promise<void> {
  const all = ['mail', 'reports', 'images'];
  for (const pipeline of all) await queue.addJob(pipeline, 1);
  await until('all in the roles are handled', () => handled.length === expected.length);
  expect(handled.toSorted()).toEqual(expected);
  for (const pipeline of all)
    expect(await queue.getReadyCount(pipeline)).toBe(expected.includes(pipeline) ? 0 : 1);
}

it.each([
  [['mail', reports], undefined, ['mail', 'reports']],
  [true, 'images', ['images']],
  [undefined, ' mail , images ', ['images', 'mail']],
  [['mail', 'reports'], 'reports,images', ['reports']],
  [['mail'], '1', ['mail']],
  [['mail'], 'reports', []],
  [['mail'], '0', []],
  [false, 'mail', []],
])('with workers %j and JOB_QUEUE_WORKERS=%j a process works on %j', async (workers, variable, expected) => {
  if (variable !== undefined) process.env.JOB_QUEUE_WORKERS = variable;
  const { queue } = await queueApplication([Everything], workers === undefined ? {} : { workers });
  await workedOn(queue, expected);
});

it.each([
  [{ workers: ['mial'] }, '', 'No handler works on mial, as the option workers asks for: did you mean mail?'],
  [{}, 'report,mail', 'No handler works on report, as JOB_QUEUE_WORKERS asks for: did you mean reports?'],
  [{}, 'nobody', 'as JOB_QUEUE_WORKERS asks for: there are handlers for images, mail, reports'],
  [{}, 'mail,', 'JOB_QUEUE_WORKERS is "mail,": use 0'],
])('%j with JOB_QUEUE_WORKERS=%j fails the start', async (options, variable, message) => {
  process.env.JOB_QUEUE_WORKERS = variable;
  const start = queueApplication([Everything], options);
  await expect(start).rejects.toThrow(InvalidConfigurationError);
  await expect(start).rejects.toThrow(message);
});

it.each([[['mail', 7]], [[]], ['mail'], [{ mail: true }]])('refuses workers: %j', async (workers) => {
  await expect(queueApplication([], { workers: workers as never })).rejects.toThrow(
    coded('INVALID_JOB_OPTION', {
      message: expect.stringContaining('workers must be true, false, or a list'),
    }),
  );
});

it('stores only the schedules of its role, and says that those of the others are still there', async () => {
  const clock = new TestClock();
  const backend = memoryBackend({ clock });
  const { queue } = await queueApplication([Everything], { backend, workers: ['mail'] });
  expect(await queue.schedules.list()).toEqual([]);
  await closeApplications();
  const { queue: reporting } = await queueApplication([Everything], { backend, workers: ['reports'] });
  expect(await reporting.schedules.list()).toHaveLength(1);
  await closeApplications();
  clock.advance(2 * 86_400);
  await queueApplication([Everything], { backend, workers: ['mail'] });
  expect(await backend.features.schedules.retire(86_400)).toEqual([]);
});

it('leaves handlers of queue.process() alone that are in no role', async () => {
  process.env.JOB_QUEUE_WORKERS = 'mail';
  const { queue } = await queueApplication([Everything]);
  await using idle = await queue.process('import', () => handled.push('import'));
  expect(idle.pipeline).toBe('import');
  await queue.addJob('import', 1);
  await workedOn(queue, ['mail']);
  expect(await queue.getReadyCount('import')).toBe(1);
});

it('takes the environment for all queues, and the option for its own', async () => {
  @Processor({ pipeline: 'letters', queue: 'post' })
  class Letters {
    @Process()
    send({ pipeline }: Job): void {
      handled.push(pipeline);
    }
  }
  const imports = (workers: string[]) => [
    JobQueueModule.forRoot({ backend: memoryBackend() }),
    JobQueueModule.forRoot({ name: 'post', backend: memoryBackend(), workers }),
  ];
  process.env.JOB_QUEUE_WORKERS = 'mail,letters';
  await application({ imports: imports(['letters']), providers: [Everything, Letters] });
  await expect(application({ imports: imports(['mail']), providers: [Everything, Letters] })).rejects.toThrow(
    'No handler works on mail, as the option workers asks for: there are handlers for letters',
  );
});
