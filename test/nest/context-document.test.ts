import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DynamicModule } from '@nestjs/common';
import { ClsModule, ClsService } from 'nestjs-cls';
import { type Job, JobQueueModule, JobQueueService, Process, Processor } from '../../lib/index';
import { memoryBackend } from '../../lib/testing';
import { blocksOf, exportsOf } from '../support/document-code';
import { until } from '../support/until';
import { application, closeApplications } from './application';

/* The code of docs/context.md, as it stands there. */

interface Written {
  readonly requests: AsyncLocalStorage<{ tenant: string; requestId: string } | undefined>;
  readonly withAsyncLocalStorage: DynamicModule;
  readonly withNestjsCls: DynamicModule;
}

const blocks = blocksOf(readFileSync(join(__dirname, '../../docs/context.md'), 'utf8'));

function written(): Written {
  const source = `${blocks.join('\n')}\nObject.assign(exports, { requests, withAsyncLocalStorage, withNestjsCls });`;
  const backend = memoryBackend();
  return exportsOf(source, { AsyncLocalStorage, JobQueueModule, ClsService, backend });
}

const seen: unknown[] = [];

afterEach(async () => {
  await closeApplications();
  seen.splice(0);
});

it('carries a request by AsyncLocalStorage', async () => {
  const { requests, withAsyncLocalStorage } = written();

  @Processor('mail')
  class Mails {
    @Process()
    send(): void {
      seen.push(requests.getStore());
    }
  }

  const app = await application({ imports: [withAsyncLocalStorage], providers: [Mails] });
  const queue = app.get(JobQueueService);
  await requests.run({ tenant: 'blue', requestId: '1' }, () => queue.addJob('mail', null));
  await queue.addJob('mail', null);
  await until('both are handled', () => seen.length === 2);
  expect(seen).toEqual([{ tenant: 'blue', requestId: '1' }, undefined]);
});

it('carries a tenant by nestjs-cls', async () => {
  const { withNestjsCls } = written();

  @Processor('mail')
  class Mails {
    constructor(private readonly cls: ClsService) {}

    @Process()
    send({ payload }: Job): void {
      seen.push([payload, this.cls.isActive(), this.cls.get('tenant')]);
    }
  }

  const app = await application({
    imports: [ClsModule.forRoot({ global: true }), withNestjsCls],
    providers: [Mails],
  });
  const queue = app.get(JobQueueService);
  const cls = app.get(ClsService);
  await cls.run(async () => {
    cls.set('tenant', 'blue');
    await queue.addJob('mail', 1);
  });
  await queue.addJob('mail', 2);
  await until('both are handled', () => seen.length === 2);
  expect(seen).toEqual([
    [1, true, 'blue'],
    [2, true, undefined],
  ]);
});
