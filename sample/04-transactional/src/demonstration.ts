import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NoCreditError } from './orders/no-credit.error';
import type { Shop } from './shop';

/** Places three orders, one of which is rolled back, and has a worker process write their invoices. */
export async function demonstrate(application: Type, shop: Type<Shop>, worker: string): Promise<void> {
  const app = await NestFactory.createApplicationContext(application, {
    abortOnError: false,
    logger: ['warn', 'error'],
  });
  try {
    const orders = app.get(shop);
    await orders.clear();

    console.log('Each order is placed in one transaction with the job of its invoice:');
    for (const [customer, credit] of [
      ['Ann', true],
      ['Bob', false],
      ['Cem', true],
    ] as const) {
      console.log(`  ${customer}: ${await outcomeOf(orders.place(customer, credit))}`);
    }
    console.log(`orders: ${await orders.count()}, jobs: ${await orders.countJobs()}\n`);

    await runUntilEmpty(worker);
    console.log('A worker has written each invoice in one transaction with the end of its job:');
    const invoices = await orders.invoices();
    for (const { customer, attempt } of invoices) console.log(`  ${customer}: written at attempt ${attempt}`);
    console.log(`invoices: ${invoices.length}, jobs: ${await orders.countJobs()}`);
  } finally {
    await app.close();
  }
}

async function outcomeOf(placing: Promise<void>): Promise<string> {
  try {
    await placing;
    return 'committed';
  } catch (error) {
    if (!(error instanceof NoCreditError)) throw error;
    return `rolled back, because ${error.message}`;
  }
}

async function runUntilEmpty(program: string): Promise<void> {
  const worker = spawn(process.execPath, [program, '--stop-when-empty'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [exitCode] = (await once(worker, 'exit')) as [number | null];
  if (exitCode !== 0) throw new Error(`The worker ended with ${exitCode ?? 'a signal'}.`);
}
