import { InvalidJobOptionError, InvalidPipelineNameError } from '../../lib/index';
import { refuseMisspelt, workerCommandOptions } from '../../lib/nest/worker-command/command-line';

describe('the options of a worker', () => {
  it('are none by default', () => {
    expect(workerCommandOptions([], {}, { JOB_QUEUE_URL: 'sqlite:x', JOB_QUEUE_WORKERS: '1' })).toEqual({});
  });

  it('can all be said on the command line', () => {
    const args = [
      ...['--pipelines', 'a,b', '--concurrency', '2', '--max-jobs', '3', '--max-time', '0.5'],
      ...['--max-memory', '200', '--stop-when-empty', '--once', '--heartbeat-file', 'beat', '--json'],
    ];
    expect(workerCommandOptions(args, {}, {})).toEqual({
      pipelines: ['a', 'b'],
      concurrency: 2,
      maxJobs: 3,
      maxTime: 0.5,
      maxMemory: 200,
      stopWhenEmpty: true,
      once: true,
      heartbeatFile: 'beat',
      json: true,
    });
  });

  it('can all be said by the environment', () => {
    const environment = {
      JOB_QUEUE_PIPELINES: 'a, b',
      JOB_QUEUE_CONCURRENCY: '2',
      JOB_QUEUE_MAX_JOBS: '3',
      JOB_QUEUE_MAX_TIME: '60',
      JOB_QUEUE_MAX_MEMORY: '200',
      JOB_QUEUE_STOP_WHEN_EMPTY: '1',
      JOB_QUEUE_ONCE: '0',
      JOB_QUEUE_HEARTBEAT_FILE: 'beat',
      JOB_QUEUE_JSON: '',
    };
    expect(workerCommandOptions([], {}, environment)).toEqual({
      pipelines: ['a', 'b'],
      concurrency: 2,
      maxJobs: 3,
      maxTime: 60,
      maxMemory: 200,
      stopWhenEmpty: true,
      once: false,
      heartbeatFile: 'beat',
    });
  });

  it('count on the command line first, then in code, then in the environment', () => {
    const environment = { JOB_QUEUE_MAX_JOBS: '1', JOB_QUEUE_MAX_TIME: '1', JOB_QUEUE_MAX_MEMORY: '1' };
    expect(workerCommandOptions(['--max-jobs=3'], { maxJobs: 2, maxTime: 2 }, environment)).toEqual({
      maxJobs: 3,
      maxTime: 2,
      maxMemory: 1,
    });
  });

  it.each([
    [
      'concurrency',
      { concurrency: 0 },
      InvalidJobOptionError,
      'concurrency must be an integer from 1 to 2147483647, got 0',
    ],
    ['maxTime', { maxTime: -1 }, InvalidJobOptionError, 'maxTime must be a duration'],
    [
      'no pipelines',
      { pipelines: [] },
      InvalidJobOptionError,
      'pipelines must be a list of one or more pipelines, got an array',
    ],
    ['a pipeline', { pipelines: ['a b'] }, InvalidPipelineNameError, '"a b" is not a valid pipeline name'],
  ])('are checked in code, too: %s', (_what, code, kind, message) => {
    expect(() => workerCommandOptions([], code, {})).toThrow(kind);
    expect(() => workerCommandOptions([], code, {})).toThrow(message);
  });

  it.each([
    ['JOB_QUEUE_MAX_JOBS', 'ten', 'JOB_QUEUE_MAX_JOBS must be an integer from 1 to 2147483647, got "ten"'],
    ['JOB_QUEUE_JSON', 'yes', 'JOB_QUEUE_JSON must be 1 or 0, got "yes"'],
    ['JOB_QUEUE_MAX_TIME', '5 minutes', 'JOB_QUEUE_MAX_TIME must be a duration of 0'],
    ['JOB_QUEUE_PIPELINES', 'a,,b', '"" is not a valid pipeline name'],
  ])('name the variable that is wrong: %s=%s', (variable, value, message) => {
    expect(() => workerCommandOptions([], {}, { [variable]: value })).toThrow(message);
  });
});

it('a misspelt option beside those of Nest is refused with the right name', () => {
  expect(() => refuseMisspelt({ concurency: 3 })).toThrow(
    'unknown option concurency; did you mean concurrency?',
  );
  expect(() => refuseMisspelt({ logger: false, bufferLogs: true, args: [], maxJobs: 1 })).not.toThrow();
});
