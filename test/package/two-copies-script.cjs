'use strict';
// Run in a folder that has two copies of the package: the application's, and that of a library of the application's.
require('reflect-metadata');
const { setTimeout } = require('node:timers');
const { NestFactory } = require('@nestjs/core');
const { Module } = require('@nestjs/common');
const own = require('./own/index.js');
const other = require('./other/index.js');
const { memoryBackend } = require('./other/testing.js');

const decorated = (type, method, ...decorators) => {
  const descriptor = Object.getOwnPropertyDescriptor(type.prototype, method);
  for (const decorator of decorators) decorator(type.prototype, method, descriptor);
};

const pipeline = other.definePipeline('typed');
const buried = [];
const starts = {};

class Handlers {
  constructor(queue) {
    this.queue = queue;
  }
  handle(job) {
    starts[job.payload] = (starts[job.payload] ?? 0) + 1;
    if (job.payload === 'bury') throw new other.BuryJob('as the other copy says');
    if (job.payload === 'release' && starts.release === 1) throw new other.ReleaseJob({ delay: 0 });
  }
  ended({ job, reason }) {
    buried.push([job.payload, reason]);
  }
}
other.Processor({ attempts: 3 })(Handlers);
other.InjectJobQueue()(Handlers, undefined, 0);
decorated(Handlers, 'handle', other.Process(pipeline));
decorated(Handlers, 'ended', other.OnJob('buried'));

class AppModule {}
Module({ imports: [own.JobQueueModule.forRoot({ backend: memoryBackend() })], providers: [Handlers] })(
  AppModule,
);

async function main() {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const queue = app.get(own.JobQueueService);
  const refused = await queue.addJob('two words', 1).catch((error) => error);
  for (const payload of ['bury', 'release']) await queue.addJob(pipeline, payload);
  while (
    buried.length < 1 ||
    (await queue.stats(pipeline)).ready + (await queue.stats(pipeline)).reserved > 0
  ) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const byHand = await queue.addJob('by hand'.replace(' ', '_'), 1);
  const job = await queue.getNextJobAndReserve('by_hand');
  class Derived extends other.BuryJob {}
  console.log(
    JSON.stringify({
      apart: own.BuryJob !== other.BuryJob,
      starts,
      buried,
      injected: app.get(Handlers).queue === queue,
      errors: [refused instanceof other.JobQueueError, refused instanceof other.InvalidPipelineNameError],
      none: [refused instanceof other.InvalidPayloadError, new own.BuryJob('a') instanceof Derived],
      derived: [new Derived('a') instanceof own.BuryJob, new Derived('a') instanceof Derived],
      job: [byHand === job.id, job instanceof other.Job],
    }),
  );
  await app.close();
}
void main();
