import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { AppModule } from './app.module';
import { Invoice } from './invoices/invoice';
import { NoCreditError } from './orders/no-credit.error';
import { OrdersService } from './orders/orders.service';

/** Places three orders, one of which is rolled back, and has a worker process write their invoices. */
export async function demonstrate(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, {
    abortOnError: false,
    logger: ['warn', 'error'],
  });
  try {
    const orders = app.get(OrdersService);
    const invoices = app.get(DataSource).getRepository(Invoice);
    await Promise.all([orders.clear(), invoices.clear()]);

    console.log('Each order is placed in one transaction with the job of its invoice:');
    for (const [customer, credit] of [
      ['Ann', true],
      ['Bob', false],
      ['Cem', true],
    ] as const) {
      console.log(`  ${customer}: ${await outcomeOf(orders.place(customer, credit))}`);
    }
    console.log(`orders: ${await orders.count()}, jobs: ${await orders.countJobs()}\n`);

    await runWorkerUntilEmpty();
    console.log('A worker has written each invoice in one transaction with the end of its job:');
    for (const { customer, attempt } of await invoices.find({ order: { orderId: 'asc' } })) {
      console.log(`  ${customer}: written at attempt ${attempt}`);
    }
    console.log(`invoices: ${await invoices.count()}, jobs: ${await orders.countJobs()}`);
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

async function runWorkerUntilEmpty(): Promise<void> {
  const worker = spawn(process.execPath, [join(__dirname, 'worker.js'), '--stop-when-empty'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [exitCode] = (await once(worker, 'exit')) as [number | null];
  if (exitCode !== 0) throw new Error(`The worker ended with ${exitCode ?? 'a signal'}.`);
}
