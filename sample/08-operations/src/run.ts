import './telemetry/telemetry';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
import { play } from './operator';

const OUT = join(__dirname, '..', 'out');

/** Starts the application for somebody on call, who is played here; with `--serve` it stays open for your browser. */
async function main(): Promise<void> {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT);
  process.env['JOB_QUEUE_URL'] ??= `sqlite:${join(OUT, 'jobs.sqlite')}`;
  const serve = process.argv.includes('--serve');
  const app = await NestFactory.create(AppModule, { logger: serve ? ['warn', 'error'] : false });
  app.enableShutdownHooks();
  let open = false;
  try {
    await app.listen(serve ? Number(process.env['PORT'] ?? 3000) : 0, '127.0.0.1');
    const url = await app.getUrl();
    await play(url);
    open = serve;
    if (open) console.log(`Open ${url}/board as admin, password admin; Ctrl+C ends it.`);
  } finally {
    if (!open) await app.close();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
