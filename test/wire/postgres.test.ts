import { once } from 'node:events';
import { Client } from 'pg';
import { openBackend } from '../../lib/backends/open-backend';
import { psql } from '../support/clients';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { describeTaking, describeUnique, describeWire, type Wire } from './wire-cases';
import { documented } from './wire-document';

let database: FreshDatabase;

beforeAll(async () => {
  database = await freshPostgresDatabase();
});
afterAll(() => database.drop());

const open = async (): Promise<Wire> => ({
  backend: () => database.url,
  client: (sql) => psql(database.url, sql),
  close: () => Promise.resolve(),
});

describeWire('PostgreSQL', open);
describeTaking('PostgreSQL', open);
describeUnique('PostgreSQL', open);

it('PostgreSQL: the documented call wakes workers as the queue itself does', async () => {
  const backend = await openBackend(database.url);
  await backend.connect();
  const listener = new Client({ connectionString: database.url });
  await listener.connect();
  const call = documented('PostgreSQL', 'Wake the workers');
  const [, channel, pipeline] = /'(.*)', '(.*)'/.exec(call) ?? [];
  await listener.query(`listen "${channel}"`);

  for (const tell of [
    () => psql(database.url, call),
    () => backend.put(pipeline!, [{ payload: '1', priority: 0, delay: 0, ttr: 60 }]),
  ]) {
    const heard = once(listener, 'notification');
    await tell();
    const [{ payload }] = (await heard) as [{ payload: string }];
    // The queue itself also says which job it is.
    expect(payload.split(' ')[0]).toBe(pipeline);
  }
  await listener.end();
  await backend.close();
});
