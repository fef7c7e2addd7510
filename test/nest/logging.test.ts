import { Logger } from '@nestjs/common';
import { BuryJob, type Job, type JobQueueOptions, Process, Processor } from '../../lib/index';
import { coded } from '../support/coded';
import { until } from '../support/until';
import { closeApplications, queueApplication } from './application';

@Processor('mail')
class Mails {
  @Process({ attempts: 2, backoff: 0 })
  send({ payload }: Job<string>): void {
    if (payload === 'fail') throw new Error('no mail server');
    if (payload === 'bury') throw new BuryJob('no such address');
  }
}

const LEVELS = ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'] as const;
let lines: string[];

beforeEach(() => {
  lines = [];
  for (const level of LEVELS) {
    jest
      .spyOn(Logger.prototype, level)
      .mockImplementation((...line: unknown[]) => void lines.push(`${level} ${String(line[0])}`));
  }
});
afterEach(async () => {
  await closeApplications();
  jest.restoreAllMocks();
});

/** What is said of the jobs, without their numbers. */
async function said(options: JobQueueOptions, payloads: readonly string[]): Promise<string[]> {
  const { queue } = await queueApplication([Mails], options);
  for (const payload of payloads) await queue.addJob('mail', payload);
  await until('nothing is left to do', async () => {
    const { ready, delayed, reserved } = await queue.stats('mail');
    return ready + delayed + reserved === 0;
  });
  await closeApplications();
  return lines.filter((line) => line.includes('Job ')).map((line) => line.replace(/Job \d+/, 'Job'));
}

it('says of jobs what has gone wrong', async () => {
  expect(await said({}, ['ok', 'fail', 'bury'])).toEqual([
    'warn Job of mail ended attempt 1 and is tried again in 0.0 s: Error: no mail server',
    'error Job of mail is buried at attempt 2: Error: no mail server',
    'error Job of mail is buried at attempt 1: no such address',
  ]);
});

it('says each event at its level, and no payload', async () => {
  const logging = { started: 'verbose', completed: 'debug', retried: 'log', buried: 'fatal' } as const;
  const all = await said({ logging }, ['ok', 'fail']);
  expect(all).toEqual(
    expect.arrayContaining([
      'verbose Job of mail starts attempt 1',
      'debug Job of mail is done at attempt 1',
      'log Job of mail ended attempt 1 and is tried again in 0.0 s: Error: no mail server',
      expect.stringMatching(/^fatal Job of mail is buried at attempt 2/),
    ]),
  );
  expect(all).toHaveLength(6);
});

it.each([false as const, { retried: false, buried: false } as const])(
  'is silent with logging: %j',
  async (logging) => {
    expect(await said({ logging }, ['ok', 'fail', 'bury'])).toEqual([]);
  },
);

it.each([
  [{ completed: 'loud' }, 'logging.completed must be false or one of verbose, debug, log, warn'],
  [{ done: 'debug' }, 'unknown option done in logging'],
  [true, 'logging must be an object'],
])('refuses %j', async (logging, message) => {
  await expect(queueApplication([], { logging: logging as never })).rejects.toThrow(
    coded('INVALID_JOB_OPTION', { message: expect.stringContaining(message) }),
  );
});
