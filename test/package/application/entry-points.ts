import type { QueueBackend } from 'nestjs-simple-job-queue';
import { beanstalkdBackend } from 'nestjs-simple-job-queue/beanstalkd';
import { memoryBackend } from 'nestjs-simple-job-queue/testing';
import { sqlBackend, typeOrmBackend } from 'nestjs-simple-job-queue/typeorm';
import { DataSource } from 'typeorm';

/** One backend of each entry point: the compiler sees that they are what the module takes. */
const backends: readonly QueueBackend[] = [
  memoryBackend(),
  sqlBackend('sqlite::memory:'),
  // With a driver of its own TypeORM loads no package.
  typeOrmBackend({
    dataSource: new DataSource({ type: 'better-sqlite3', database: ':memory:', driver: class {} }),
  }),
  beanstalkdBackend('beanstalkd://127.0.0.1'),
];
console.log(backends.map(({ name }) => name).join(' '));
