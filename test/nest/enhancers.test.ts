import {
  type ArgumentMetadata,
  type CallHandler,
  Catch,
  createParamDecorator,
  type ExceptionFilter,
  type CanActivate,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  ParseIntPipe,
  type PipeTransform,
  Scope,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { map, type Observable } from 'rxjs';
import { type Job, JOB_CONTEXT_TYPE, Process, Processor } from '../../lib/index';
import { until } from '../support/until';
import { closeApplications, queueApplication } from './application';

const Payload = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => context.getArgByIndex<Job>(0).payload,
);

const seen: string[] = [];

beforeEach(() => seen.splice(0));
afterEach(closeApplications);

@Injectable()
class Names {
  readonly refused = 'refused';
}

@Injectable()
class PayloadGuard implements CanActivate {
  constructor(private readonly names: Names) {}

  canActivate(context: ExecutionContext): boolean {
    const job = context.getArgByIndex<Job>(0);
    seen.push(`guard ${context.getType<string>()} ${context.getClass().name}.${context.getHandler().name}`);
    return job.payload !== this.names.refused;
  }
}

@Injectable()
class NoteInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    seen.push('before');
    return next.handle().pipe(
      map((answer) => {
        seen.push(`after ${String(answer)}`);
        return answer as unknown;
      }),
    );
  }
}

class TooOld extends Error {}

@Catch(TooOld)
class TooOldFilter implements ExceptionFilter {
  catch(): string {
    seen.push('filtered');
    return 'done with';
  }
}

class TrimPipe implements PipeTransform {
  transform(value: string, { type }: ArgumentMetadata): string {
    seen.push(`pipe ${type}`);
    return value.trim();
  }
}

@Processor()
@UseGuards(PayloadGuard)
class GuardedProcessor {
  @Process('guarded')
  @UseInterceptors(NoteInterceptor)
  guarded(job: Job<string>): string {
    seen.push(`handled ${job.payload}`);
    return 'answer';
  }
}

@Processor('filtered')
@UseFilters(TooOldFilter)
class FilteredProcessor {
  @Process()
  handle(job: Job<string>): never {
    throw job.payload === 'old' ? new TooOld() : new Error('no luck');
  }
}

@Processor()
class PipedProcessor {
  @Process('trimmed')
  @UsePipes(TrimPipe)
  trimmed(@Payload() text: string): void {
    seen.push(`"${text}"`);
  }

  @Process('number')
  number(@Payload(ParseIntPipe) value: number): void {
    seen.push(`${typeof value} ${value}`);
  }
}

it('guards and interceptors of class and method see a job of type "job"', async () => {
  const { queue } = await queueApplication([Names, GuardedProcessor]);
  await queue.addJob('guarded', 'welcome');
  await until('it is handled', () => seen.includes('after answer'));
  expect(seen).toEqual([
    `guard ${JOB_CONTEXT_TYPE} GuardedProcessor.guarded`,
    'before',
    'handled welcome',
    'after answer',
  ]);
});

it('a job that a guard refuses has failed', async () => {
  const { queue } = await queueApplication([Names, GuardedProcessor]);
  await queue.addJob('guarded', 'refused');
  const buried = await until('it is buried', () => queue.getNextBuriedJob('guarded'));
  expect(buried.reason).toContain('Forbidden');
  expect(seen).toHaveLength(1);
});

it('a filter decides about the errors that it catches, the policy about others', async () => {
  const { queue } = await queueApplication([FilteredProcessor]);
  await queue.addJob('filtered', 'old');
  await until('it is filtered', () => seen.includes('filtered'));
  await queue.addJob('filtered', 'new');
  const buried = await until('the other is buried', () => queue.getNextBuriedJob('filtered'));
  expect(buried).toMatchObject({ payload: 'new', reason: expect.stringContaining('no luck') as string });
});

it('pipes work on decorated parameters', async () => {
  const { queue } = await queueApplication([PipedProcessor]);
  await queue.addJob('trimmed', '  text ');
  await queue.addJob('number', '42');
  await until('both are handled', () => seen.length === 3);
  expect(seen).toEqual(expect.arrayContaining(['pipe custom', '"text"', 'number 42']));

  await queue.addJob('number', 'many');
  const buried = await until('it is buried', () => queue.getNextBuriedJob('number'));
  expect(buried.reason).toContain('numeric string is expected');
});

it('work on a request-scoped processor, request-scoped themselves', async () => {
  let guards = 0;
  @Injectable({ scope: Scope.REQUEST })
  class ScopedGuard implements CanActivate {
    private readonly number = ++guards;

    canActivate(): boolean {
      seen.push(`guard ${this.number}`);
      return true;
    }
  }
  @Processor('scoped')
  @UseGuards(ScopedGuard)
  class ScopedProcessor {
    @Process()
    handle(@Payload() text: string): void {
      seen.push(text);
    }
  }
  const { queue } = await queueApplication([ScopedProcessor]);
  await queue.addJob('scoped', 'one');
  await until('it is handled', () => seen.includes('one'));
  await queue.addJob('scoped', 'two');
  await until('it is handled', () => seen.includes('two'));
  expect(seen).toEqual(['guard 1', 'one', 'guard 2', 'two']);
});

it('would be skipped by Nest when their class is provided as a value: the application does not start', async () => {
  await expect(
    queueApplication([Names, { provide: 'GUARDED', useValue: new GuardedProcessor() }]),
  ).rejects.toThrow('GuardedProcessor.guarded would run without PayloadGuard');
  const { queue } = await queueApplication([Names, { provide: 'GUARDED', useClass: GuardedProcessor }]);
  await queue.addJob('guarded', 'welcome');
  await until('it is handled', () => seen.includes('after answer'));
});

it('global ones, which are written for requests, are left out', async () => {
  const global = { canActivate: () => false, intercept: refuse, transform: refuse, catch: refuse };
  function refuse(): never {
    throw new Error('a global enhancer ran');
  }
  const { queue } = await queueApplication([
    Names,
    GuardedProcessor,
    PipedProcessor,
    ...[APP_GUARD, APP_INTERCEPTOR, APP_PIPE, APP_FILTER].map((provide) => ({ provide, useValue: global })),
  ]);
  await queue.addJob('guarded', 'welcome');
  await queue.addJob('number', '42');
  await until('both are handled', () => seen.includes('after answer') && seen.includes('number 42'));
});
