import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JobQueueModule, JobQueueService } from 'nestjs-simple-job-queue';
import { type Greeting, GREETINGS } from './greeting.js';

@Injectable()
class Greeter {
  constructor(private readonly queue: JobQueueService) {}

  greet(greeting: Greeting): Promise<string> {
    return this.queue.addJob(GREETINGS, greeting);
  }
}

@Module({ imports: [JobQueueModule.forRoot()], providers: [Greeter] })
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule);
  await app.get(Greeter).greet({ name: 'Ada' });
  await app.close();
}

void main();
