import { Module } from '@nestjs/common';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { OrdersService } from './orders.service';
import { PrismaModule } from './prisma.module';
import { FILE } from './prisma.service';

/** The application that takes orders. Its queue is in its own file. */
@Module({
  imports: [PrismaModule, JobQueueModule.forRoot({ backend: `sqlite:${FILE}`, workers: false })],
  providers: [OrdersService],
})
export class AppModule {}
