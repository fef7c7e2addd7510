import { Logger, type LoggerService } from '@nestjs/common';
import { type as arktype } from 'arktype';
import { Type } from 'class-transformer';
import { IsEmail, IsInt, ValidateNested } from 'class-validator';
import superjson from 'superjson';
import * as v from 'valibot';
import { z } from 'zod';
import { memoryBackend } from '../../lib/backends/memory/memory-backend';
import { newJob } from '../../lib/core/policy/job-options';
import {
  definePipeline,
  InvalidPayloadError,
  type Job,
  type JobEvent,
  type JobOf,
  OnJob,
  type PayloadCodec,
  Process,
  Processor,
} from '../../lib/index';
import { coded } from '../support/coded';
import { until } from '../support/until';
import { closeApplications, queueApplication } from './application';

class Recipient {
  @IsEmail()
  readonly address!: string;
}

class Letter {
  @IsInt()
  readonly copies!: number;

  @ValidateNested()
  @Type(() => Recipient)
  readonly to!: Recipient;
}

const RIGHT = { copies: 2, to: { address: 'ada@example.org' } };
const WRONG = { copies: 'two', to: { address: 'nobody' } } as unknown as typeof RIGHT;

const pipelines = {
  zod: definePipeline('letters', {
    schema: z.object({ copies: z.int(), to: z.object({ address: z.email() }) }),
  }),
  valibot: definePipeline('letters', {
    schema: v.object({
      copies: v.pipe(v.number(), v.integer()),
      to: v.object({ address: v.pipe(v.string(), v.email()) }),
    }),
  }),
  arktype: definePipeline('letters', {
    schema: arktype({ copies: 'number.integer', to: { address: 'string.email' } }),
  }),
  'a class of class-validator': definePipeline('letters', { schema: Letter }),
};

const seen: unknown[] = [];

beforeEach(() => seen.splice(0));
afterEach(closeApplications);

describe.each(Object.entries(pipelines))('a pipeline with a schema of %s', (_library, letters) => {
  @Processor(letters)
  class LetterProcessor {
    @Process()
    send({ payload }: Job<typeof RIGHT>): void {
      seen.push(payload);
    }

    @OnJob('buried')
    buried({ job, reason }: JobEvent<'buried'>): void {
      seen.push(job.attempt, reason.split('\n', 1)[0]);
    }
  }

  it('takes what the schema takes', async () => {
    const { queue } = await queueApplication([LetterProcessor]);
    await queue.addJob(letters, RIGHT);
    await until('the job is handled', () => seen.length === 1);
    expect(seen).toEqual([RIGHT]);
  });

  it('refuses at addJob what the schema refuses, with its issues, and adds none of several', async () => {
    const { queue } = await queueApplication();
    const refusal = await queue.addJob(letters, WRONG).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InvalidPayloadError);
    const { code, issues, message } = refusal as InvalidPayloadError;
    expect(code).toBe('INVALID_PAYLOAD');
    expect(issues.map(({ path }) => path).sort()).toEqual(['copies', 'to.address']);
    expect(message).toContain('copies: ');
    await expect(queue.selectPipeline(letters).add(WRONG)).rejects.toThrow(InvalidPayloadError);
    await expect(queue.addJobs(letters, [{ payload: RIGHT }, { payload: WRONG }])).rejects.toThrow(
      InvalidPayloadError,
    );
    expect(await queue.getReadyCount(letters)).toBe(0);
  });

  it('buries at the worker, at the first attempt, what another program has added', async () => {
    const backend = memoryBackend();
    await queueApplication([LetterProcessor], { backend });
    await backend.put('letters', [newJob(JSON.stringify(WRONG))]);
    await until('the job is buried', () => seen.length === 2);
    expect(seen).toEqual([1, expect.stringMatching(/^InvalidPayloadError: .*to\.address: /)]);
  });
});

describe('what a handler gets', () => {
  it('is what the schema makes of the stored payload', async () => {
    const reminders = definePipeline('reminders', {
      schema: z.object({ at: z.iso.datetime().transform((text) => new Date(text)) }),
    });

    @Processor(reminders)
    class ReminderProcessor {
      @Process()
      remind({ payload }: JobOf<typeof reminders>): void {
        seen.push(payload.at.getTime());
      }
    }
    const { queue } = await queueApplication([ReminderProcessor]);
    await queue.addJob(reminders, { at: '2026-11-24T00:00:00.000Z' });
    await until('the job is handled', () => seen.length === 1);
    expect(seen).toEqual([Date.UTC(2026, 10, 24)]);
  });

  it('is an instance of the class', async () => {
    const letters = definePipeline('letters', { schema: Letter });

    @Processor()
    class LetterProcessor {
      @Process(letters)
      send({ payload }: Job<Letter>): void {
        seen.push(payload instanceof Letter, payload.to instanceof Recipient);
      }
    }
    const { queue } = await queueApplication([LetterProcessor]);
    await queue.addJob(letters, RIGHT);
    await until('the job is handled', () => seen.length === 2);
    expect(seen).toEqual([true, true]);
  });

  it('may have been a Date, a Map or a BigInt when a codec knows them, and a schema sees them so', async () => {
    const codec: PayloadCodec = {
      encode: (payload) => superjson.stringify(payload),
      decode: (text) => superjson.parse(text),
    };
    const visits = definePipeline('visits', {
      schema: z.object({ at: z.date(), pages: z.map(z.string(), z.bigint()) }),
    });

    @Processor(visits)
    class VisitProcessor {
      @Process()
      count({ payload }: JobOf<typeof visits>): void {
        seen.push(payload);
      }
    }
    const { queue } = await queueApplication([VisitProcessor], { codec });
    const visit = { at: new Date(0), pages: new Map([['/', 12n]]) };
    await queue.addJob(visits, visit);
    await until('the job is handled', () => seen.length === 1);
    expect(seen).toEqual([visit]);
  });
});

it('is refused where it is none, and fails as ours where it throws', async () => {
  for (const schema of ['text', null, {}, () => 1]) {
    expect(() => definePipeline('letters', { schema: schema as never })).toThrow(
      coded('INVALID_CONFIGURATION'),
    );
  }
  const throwing = definePipeline('letters', {
    schema: {
      '~standard': {
        version: 1 as const,
        vendor: 'none',
        validate: () => {
          throw new RangeError('no rules today');
        },
      },
    },
  });
  const { queue } = await queueApplication();
  await expect(queue.addJob(throwing, {})).rejects.toThrow(
    coded('INVALID_PAYLOAD', { message: expect.stringMatching(/failed with RangeError\.$/) as string }),
  );
});

it('that never resolves is a failed attempt when the time is over', async () => {
  const endless = definePipeline<string>('letters');
  Object.assign(endless, {
    schema: { '~standard': { version: 1, vendor: 'none', validate: () => new Promise(() => {}) } },
  });
  const { queue } = await queueApplication();
  await queue.process(endless, () => {}, { timeout: '50ms', attempts: 2 });
  const id = await queue.addJob('letters', 'a');
  const job = await until('it is buried', async () => {
    const found = await queue.findJob(id);
    return found?.state === 'buried' && found;
  });
  expect(job).toMatchObject({ attempts: 2 });
  expect(job.reason).toMatch(/^HandlerTimeoutError: /);
});

it('and a codec never put what they saw into a reason or a log', async () => {
  const secret = 'pa55word';
  const failing = (): never => {
    throw new Error(secret);
  };
  const lines: string[] = [];
  const logger = Object.fromEntries(
    ['log', 'warn', 'error', 'fatal'].map((level) => [
      level,
      (...texts: unknown[]) => lines.push(texts.join(' ')),
    ]),
  );
  const { queue } = await queueApplication([], {
    codec: { encode: (text) => text as string, decode: failing },
  });
  Logger.overrideLogger(logger as unknown as LoggerService);
  try {
    await queue.process('letters', () => {});
    await expect(queue.addJob('letters', { secret })).rejects.toThrow(
      coded('INVALID_PAYLOAD', { message: expect.not.stringContaining(secret) as string }),
    );
    const id = await queue.addJob('letters', secret);
    const job = await until('it is buried', async () => {
      const found = await queue.findJob(id);
      return found?.state === 'buried' && found;
    });
    expect(job.reason).toMatch(/^UndecodablePayloadError: .*the codec failed with Error\./);
    expect(job.reason).not.toContain(secret);
    await until('the log tells of it', () => lines.some((line) => line.includes('is buried')));
    expect(lines.join('\n')).not.toContain(secret);
  } finally {
    Logger.overrideLogger(false);
  }
});
