import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  ParseIntPipe,
  ValidationPipe,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { IsEmail } from 'class-validator';
import {
  Attempt,
  BuryJob,
  CurrentJob,
  JOB,
  type Job,
  JobId,
  OnJob,
  type JobEvent,
  Payload,
  Process,
  Processor,
  Signal,
} from '../../lib/index';
import { until } from '../support/until';
import { closeApplications, queueApplication } from './application';

const seen: unknown[] = [];

beforeEach(() => seen.splice(0));
afterEach(closeApplications);

class Email {
  @IsEmail()
  readonly to!: string;
}

describe('the parameters of a handler', () => {
  it('are what their decorators say, through their pipes', async () => {
    @Processor('mail')
    class MailProcessor {
      @Process()
      send(
        @Payload() payload: { to: string },
        @Payload('number', ParseIntPipe) number: number,
        @JobId() id: JobId,
        @Attempt() attempt: number,
        @Signal() signal: AbortSignal,
        @CurrentJob() job: Job,
      ): void {
        seen.push(payload, number, id === job.id, attempt, signal === job.signal, job.pipeline);
      }
    }
    const { queue } = await queueApplication([MailProcessor]);
    await queue.addJob('mail', { to: 'ada@example.org', number: '7' });
    await until('the job is handled', () => seen.length > 0);
    expect(seen).toEqual([{ to: 'ada@example.org', number: '7' }, 7, true, 1, true, 'mail']);
  });

  it('are checked by a ValidationPipe as a request’s body is', async () => {
    @Processor('mail', { attempts: 1 })
    class MailProcessor {
      @Process()
      send(@Payload(new ValidationPipe({ transform: true })) email: Email): void {
        seen.push(email instanceof Email && email.to);
      }

      @OnJob('buried')
      buried({ reason }: JobEvent<'buried'>): void {
        seen.push(reason.split('\n', 1)[0]);
      }
    }
    const { queue } = await queueApplication([MailProcessor]);
    await queue.addJob('mail', { to: 'ada@example.org' });
    await queue.addJob('mail', { to: 'nobody' });
    await until('both jobs have ended', () => seen.length === 2);
    expect(seen).toEqual(['ada@example.org', 'BadRequestException: Bad Request Exception']);
  });
});

describe('a request-scoped processor', () => {
  it('gets its job, and so does what it injects', async () => {
    @Injectable()
    class Letterhead {
      constructor(@Inject(JOB) readonly job: Job<{ to: string }>) {}
    }
    @Processor('mail')
    class MailProcessor {
      constructor(
        @Inject(JOB) private readonly job: Job<{ to: string }>,
        private readonly letterhead: Letterhead,
      ) {}

      @Process()
      send(): void {
        seen.push(this.job.payload.to, this.letterhead.job === this.job);
      }
    }
    const { queue } = await queueApplication([MailProcessor, Letterhead]);
    await queue.addJob('mail', { to: 'ada@example.org' });
    await until('the job is handled', () => seen.length > 0);
    expect(seen).toEqual(['ada@example.org', true]);
  });
});

describe('a global guard that was written for requests', () => {
  @Injectable()
  class HttpGuard implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      seen.push(context.getType());
      if (context.getType<string>() === 'job')
        return context.getArgByIndex<Job<string>>(0).payload === 'trusted';
      return (
        context.switchToHttp().getRequest<{ headers: Record<string, string> }>().headers['key'] === 'right'
      );
    }
  }

  @Processor('mail', { attempts: 1 })
  class MailProcessor {
    @Process()
    send({ payload }: Job<string>): void {
      if (payload === 'broken') throw new BuryJob('it is broken');
      seen.push(`sent ${payload}`);
    }

    @OnJob('buried')
    buried({ reason }: JobEvent<'buried'>): void {
      seen.push(`buried: ${reason.split('\n', 1)[0]}`);
    }
  }

  const providers = [MailProcessor, { provide: APP_GUARD, useClass: HttpGuard }];

  it('is not run for jobs', async () => {
    const { queue } = await queueApplication(providers);
    await queue.addJob('mail', 'anything');
    await until('the job is handled', () => seen.length > 0);
    expect(seen).toEqual(['sent anything']);
  });

  it('is run for jobs when the queue asks for it', async () => {
    const { queue } = await queueApplication(providers, { globalEnhancers: true });
    await queue.addJob('mail', 'trusted');
    await queue.addJob('mail', 'other');
    await until('both jobs have ended', () => seen.length === 4);
    expect(seen).toEqual(['job', 'sent trusted', 'job', 'buried: ForbiddenException: Forbidden resource']);
  });
});
