import { Module } from '@nestjs/common';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { jobBackend } from './database';
import { OrdersService } from './orders.service';

/** The application that takes orders. Its queue is in its own file. */
@Module({
  imports: [JobQueueModule.forRoot({ backend: jobBackend(), workers: false })],
  providers: [OrdersService],
})
export class AppModule {}
