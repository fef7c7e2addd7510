import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { Module, ValidationPipe } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { typeOrmBackend } from 'nestjs-simple-job-queue/typeorm';
import { ConfirmationProcessor } from './confirmation.processor.js';
import { KeyGuard } from './key.guard.js';
import { Order } from './order.js';
import { OrdersController } from './orders.controller.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    TypeOrmModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        type: 'better-sqlite3' as const,
        database: config.getOrThrow<string>('SHOP_FILE'),
        entities: [Order],
        synchronize: true,
        enableWAL: true,
      }),
    }),
    TypeOrmModule.forFeature([Order]),
    JobQueueModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        backend: typeOrmBackend(),
        defaults: { concurrency: Number(config.get('SHOP_CONCURRENCY', 2)), attempts: 1 },
      }),
    }),
  ],
  controllers: [OrdersController],
  providers: [ConfirmationProcessor, { provide: APP_GUARD, useClass: KeyGuard }],
})
class ShopModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create(ShopModule, { logger: ['warn', 'error'] });
  // Else a process that works on jobs warns after a second.
  app.enableShutdownHooks();
  app.useGlobalPipes(new ValidationPipe());
  await app.listen(0, '127.0.0.1');
  const url = `${await app.getUrl()}/orders`;
  const headers = { 'content-type': 'application/json', 'x-key': process.env['SHOP_KEY'] ?? '' };
  const post = (order: object, key = headers['x-key']) =>
    fetch(url, { method: 'POST', headers: { ...headers, 'x-key': key }, body: JSON.stringify(order) });
  const list = async () =>
    (await (await fetch(url, { headers })).json()) as { orders: Order[]; ready: number };

  const answers = [
    await post({ email: 'ada@example.org', amount: 1 }, 'wrong'),
    await post({ email: 'nobody', amount: 1 }),
    await post({ email: 'bob@example.org', amount: 0 }),
    await post({ email: 'ada@example.org', amount: 1 }),
  ];
  const mistaken = await fetch(`${url}/mistaken`, { method: 'POST', headers });
  while (!(await list()).orders.every(({ confirmed }) => confirmed)) await sleep(10);
  const { orders, ready } = await list();
  await app.close();
  const emails = orders.map(({ email }) => email);
  const report = {
    statuses: answers.map(({ status }) => status),
    mistaken: await mistaken.json(),
    emails,
    ready,
  };
  console.log(JSON.stringify(report));
}

void main();
