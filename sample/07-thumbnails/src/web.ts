import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module';
import { THUMBNAILS } from './pictures/folders';

async function main(): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, {
    logger: ['warn', 'error'],
    // Streams of events have no end of their own.
    forceCloseConnections: true,
  });
  app.enableShutdownHooks();
  app.useStaticAssets(join(__dirname, '..', 'public'));
  app.useStaticAssets(THUMBNAILS, { prefix: '/thumbnails' });
  await app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
  console.log(`Open ${await app.getUrl()} in a browser; Ctrl+C ends it.`);
}

void main();
