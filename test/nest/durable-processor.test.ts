import { Inject, Injectable, Scope } from '@nestjs/common';
import { type ContextId, ContextIdFactory, type HostComponentInfo, REQUEST } from '@nestjs/core';
import { type Job, Process, Processor } from '../../lib/index';
import { until } from '../support/until';
import { closeApplications, queueApplication } from './application';

interface Mail {
  readonly tenant: string;
}

// Nest has one strategy for the process: this file is a module registry of its own.
beforeAll(() => {
  const shared = new Map<string, ContextId>();
  ContextIdFactory.apply({
    attach(contextId: ContextId, job: Job<Mail>) {
      const { tenant } = job.payload;
      if (!shared.has(tenant)) shared.set(tenant, { id: shared.size });
      return {
        payload: { tenant },
        resolve: ({ isTreeDurable }: HostComponentInfo) =>
          isTreeDurable ? (shared.get(tenant) ?? contextId) : contextId,
      };
    },
  });
});
afterEach(closeApplications);

it('a durable processor is made once for all jobs of its tenant', async () => {
  const seen: string[] = [];
  @Injectable({ scope: Scope.REQUEST, durable: true })
  @Processor('mails')
  class TenantProcessor {
    private jobs = 0;

    constructor(@Inject(REQUEST) private readonly request: Mail) {}

    @Process()
    send(): void {
      seen.push(`${this.request.tenant} ${++this.jobs}`);
    }
  }
  const { queue } = await queueApplication([TenantProcessor]);
  await queue.addJobs(
    'mails',
    ['a', 'b', 'a', 'b'].map((tenant) => ({ payload: { tenant } })),
  );
  await until('all are handled', () => seen.length === 4);
  expect(seen).toEqual(['a 1', 'b 1', 'a 2', 'b 2']);
});
