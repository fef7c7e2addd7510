import { Ledger } from './ledger';
import { Producer } from './producer';

/** Adds one large job, and prints what became of it. */
async function add(): Promise<void> {
  const { JOB_QUEUE_URL = '', PIPELINE = '' } = process.env;
  const producer = await Producer.open(JOB_QUEUE_URL, PIPELINE, new Ledger());
  const stored = await producer.addOne({ ballast: 'x'.repeat(20_000) });
  console.log(stored ? 'stored' : 'BACKEND_UNAVAILABLE');
  await producer.close();
}

void add();
