import { Test } from '@nestjs/testing';
import { JobQueueTester } from 'nestjs-simple-job-queue/testing';
import { AppModule } from './app.module';
import { OrdersService } from './invoices/orders.service';
import { Journal } from './journal';
import { DocumentsService } from './search/documents.service';

/** The evening of a Friday in Berlin, two nights before its clocks are set back. */
const BEGINNING = new Date('2026-10-23T16:00:00Z');

/** Runs the application under a moved clock: the queue for tests takes the place of its SQLite file. */
export async function demonstrate(): Promise<void> {
  const jobs = new JobQueueTester({ now: BEGINNING });
  const builder = Test.createTestingModule({ imports: [AppModule] });
  const module = await jobs.replace(builder).compile();
  const app = module.createNestApplication({ logger: ['warn', 'error'] });
  await app.init();
  app.get(Journal).now = () => jobs.now;
  try {
    console.log('An order is confirmed by three requests at once, and by another one an hour later:');
    const orders = app.get(OrdersService);
    const confirmed = await Promise.all([orders.confirm(7), orders.confirm(7), orders.confirm(7)]);
    for (const each of confirmed) console.log(`  ${told(each)}`);
    await jobs.travel('1h');
    console.log(`  ${told(await orders.confirm(7))}`);
    await jobs.drain();

    console.log('\nA document is edited each 4 s for a while:');
    const documents = app.get(DocumentsService);
    for (const text of ['Soup', 'Soup, bread', 'Soup, bread, tea']) {
      await documents.edit('menu', text);
      await jobs.travel('4s');
    }
    await jobs.travel('1m');

    console.log('\nThree nights go by, and in the second one Berlin sets its clocks back:');
    await jobs.travel('3d');
  } finally {
    await app.close();
  }
}

function told({ id, added }: { id: string; added: boolean }): string {
  return added ? `job ${id} is added` : `job ${id} is there already`;
}
