import { Module } from '@nestjs/common';
import { JobQueueModule } from 'nestjs-simple-job-queue';
import { sqlBackend } from 'nestjs-simple-job-queue/sql';
import { InvoiceProcessor } from './invoice.processor';
import { PrismaModule } from './prisma.module';
import { FILE, PrismaService } from './prisma.service';

/** The queue is told how to run a transaction of Prisma's. */
@Module({
  imports: [
    PrismaModule,
    JobQueueModule.forRootAsync({
      inject: [PrismaService],
      useFactory: (prisma: PrismaService) => ({
        backend: sqlBackend(`sqlite:${FILE}`, { transaction: (work) => prisma.$transaction(work) }),
      }),
    }),
  ],
  providers: [InvoiceProcessor],
})
export class WorkerModule {}
