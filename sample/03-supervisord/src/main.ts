import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
import { TasksService } from './work/tasks.service';

/** Adds tasks to both pipelines: `node dist/main.js --jobs 1000`. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { jobs: { type: 'string', default: '100' } } });
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error'] });
  const tasks = Array.from({ length: Number(values.jobs) }, (_, number) => ({ number, takes: 100 }));
  await app.get(TasksService).add(tasks);
  console.log(`added ${tasks.length} jobs to each pipeline`);
  await app.close();
}

void main();
