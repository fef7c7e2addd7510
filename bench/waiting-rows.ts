import { writeRows } from './rows';

const DAY_MS = 86_400_000;

/** Jobs of many pipelines, `other-0` and so on, in equal parts: of ten, seven are ready, one is delayed, two are buried. */
export async function waitRows(url: string, pipelines: number, rows: number): Promise<void> {
  const now = Date.now();
  const tenth = `n % ${10 * pipelines} / ${pipelines}.0`;
  await writeRows(
    url,
    rows,
    (numbers, first) => `insert into job_queue_jobs (pipeline, payload, state, due_at, added_at)
select concat('other-', n % ${pipelines}),
  '{"at":1732700000000,"number":12345,"to":"ann@example.com","subject":"Your order has left our house today"}',
  case when ${tenth} < 7 then 'ready' when ${tenth} < 8 then 'delayed' else 'buried' end,
  case when ${tenth} < 7 then null when ${tenth} < 8 then ${now + DAY_MS + first} + n else ${now} end,
  ${now} from ${numbers}`,
  );
}
