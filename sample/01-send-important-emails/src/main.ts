import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
import { command } from './command';
import { EMAILS_CSV, readEmailsCsv } from './emails/emails-csv';
import { EmailsService } from './emails/emails.service';

void command('node dist/main.js [--input FILE.csv]', async () => {
  const { values } = parseArgs({ options: { input: { type: 'string', default: EMAILS_CSV } } });
  const orders = await readEmailsCsv(values.input);
  const app = await NestFactory.createApplicationContext(AppModule, {
    abortOnError: false,
    logger: ['warn', 'error'],
  });
  try {
    const ids = await app.get(EmailsService).sendLater(orders);
    console.log(`added ${ids.length} jobs`);
  } finally {
    await app.close();
  }
});
