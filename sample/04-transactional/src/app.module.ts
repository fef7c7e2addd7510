import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { typeOrmBackend } from 'nestjs-simple-job-queue/typeorm';
import { databaseOptions } from './database';
import { OrdersService } from './orders/orders.service';

/** The application that takes orders. Its queue is in its own database. */
@Module({
  imports: [
    TypeOrmModule.forRootAsync({ useFactory: () => databaseOptions() }),
    JobQueueModule.forRoot({ backend: typeOrmBackend(), workers: false }),
  ],
  providers: [OrdersService],
})
export class AppModule {}
