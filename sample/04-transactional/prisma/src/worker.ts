import { runWorker } from 'nestjs-simple-job-queue';
import { WorkerModule } from './worker.module';

void runWorker(WorkerModule);
