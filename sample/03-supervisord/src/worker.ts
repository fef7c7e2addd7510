import { runWorker } from 'nestjs-simple-job-queue';
import { WorkerModule } from './worker.module';

// `node dist/worker.js --help` shows what it can be told.
void runWorker(WorkerModule);
