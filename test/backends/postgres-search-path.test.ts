import { Client } from 'pg';
import { JobQueueModule, JobQueueService } from '../../lib/index';
import { application, closeApplications } from '../nest/application';
import { askPostgres } from '../support/ask';
import { type FreshDatabase, freshPostgresDatabase } from '../support/databases';
import { until } from '../support/until';

/*
 * Whoever may create in a schema of the search path can make functions and operators there that fit a call better than
 * those of pg_catalog do. They would run with the rights of the queue.
 */

/** Some that fit where a statement says too little; whichever is called ends in an error. */
const TRAPS = [
  ...[
    'concat_ws(text, bigint, bigint, bigint, integer, integer, integer, text, text)',
    'concat_ws(text, text, bigint, bigint)',
    ...['text', 'bigint'].flatMap((type) => [
      `cardinality(${type}[])`,
      `json_agg(${type})`,
      `count(${type})`,
    ]),
  ].map((signature) => `function public.${signature} returns text`),
  'function public.unnest(text[]) returns setof text',
  'function public.unnest(bigint[]) returns setof bigint',
].map((head) => `create ${head} language plpgsql as $$ begin raise exception 'trapped'; end $$`);

const OPERATORS = [
  ['*', 'numeric', 'integer'],
  ['*', 'double precision', 'integer'],
  ['+', 'bigint', 'numeric'],
  ['-', 'bigint', 'numeric'],
].map(
  ([name, left, right], index) =>
    `create function public.trap_${index}(${left}, ${right}) returns ${left} language plpgsql as $$ begin raise exception 'trapped'; end $$;
create operator public.${name} (leftarg = ${left}, rightarg = ${right}, function = public.trap_${index})`,
);

/**
 * What looks like a call and is a word of SQL, or an alias with its columns. `unnest` of several arrays is a word, too, and
 * `count(*)` has no argument that another function could fit better.
 */
const WORDS = new Set(
  'and any array as asked by c check coalesce columns conflict copy count default exists extract from greatest in into j job_queue_jobs join k key least n not on or select table then unnest using values when where with'.split(
    ' ',
  ),
);

describe('PostgreSQL: with traps in a schema of the search path', () => {
  let database: FreshDatabase;
  const statements = new Set<string>();
  const { query } = Client.prototype as { query: (this: Client, ...args: unknown[]) => unknown };

  beforeAll(async () => {
    database = await freshPostgresDatabase();
    for (const statement of [...TRAPS, ...OPERATORS]) await askPostgres(database.url, statement);
    Client.prototype.query = function (this: Client, ...args: unknown[]) {
      const [first] = args;
      statements.add(typeof first === 'string' ? first : (first as { text: string }).text);
      return query.apply(this, args);
    } as never;
  });
  afterAll(async () => {
    await closeApplications();
    Client.prototype.query = query as never;
    await database.drop();
  });

  it('every verb works, and no statement calls a function without its schema', async () => {
    const app = await application({ imports: [JobQueueModule.forRoot({ backend: database.url })] });
    const queue = app.get(JobQueueService);
    await queue.addJob('mail', { n: 1 });
    await queue.addJobs('mail', [
      { payload: 2 },
      { payload: 3, delay: 0.1, attempts: 3 },
      { payload: 4, priority: 1, ttr: 1 },
    ]);
    await Promise.all([queue.addJob('mail', 5), queue.addJob('other', 6, { delay: 60 })]);
    await queue.pause('mail', 60);
    await queue.resume('mail');
    const handled: unknown[] = [];
    await queue.process(
      'mail',
      async ({ payload, attempt }) => {
        if (payload === 2) throw new Error('bad');
        if (payload === 3 && attempt === 1) throw new Error('again');
        if (payload === 4) await until('it was renewed', () => statements.size > 0 && renewed(statements));
        handled.push(payload);
      },
      { attempts: 1 },
    );
    await queue.addJob('mail', 7, { ttr: 1 });
    await until('all are handled', () => handled.length === 5);
    await until('one is buried', async () => (await queue.getBuriedCount('mail')) === 1);
    const [job] = await queue.peek('mail', 'buried');
    await queue.findJob(job!.id);
    await queue.listPipelines();
    await queue.kickJob(job!.id);
    await until('it is buried again', async () => (await queue.getBuriedCount('mail')) === 1);
    await queue.kick('mail', 1);
    await until('and again', async () => (await queue.getBuriedCount('mail')) === 1);
    await queue.clear('mail', 'buried');
    const unique = [
      { key: 'a' },
      { key: 'a', onConflict: 'replace' },
      { key: 'b', for: 60 },
      { key: 'a' },
    ] as const;
    for (const each of unique) await queue.addJob('kept', 1, { unique: each, delay: 60 });
    await queue.addJobs(
      'kept',
      [...unique, { key: 'c' }].map((each) => ({ payload: 1, unique: each })),
    );
    await queue.deleteJob({ pipeline: 'kept', unique: 'b' });
    const reserved = await queue.getNextJobAndReserve('other');
    expect(reserved).toBeUndefined();

    const sources = await askPostgres(
      database.url,
      `select prosrc as source from pg_proc where proname like 'job_queue_jobs%'`,
    );
    const ours = [...statements, ...sources.map(({ source }) => source as string)].filter((text) =>
      text.includes('job_queue_jobs'),
    );
    expect(ours.length).toBeGreaterThan(20);
    expect([...new Set(ours.flatMap(unqualified))]).toEqual([]);
  });
});

function renewed(statements: ReadonlySet<string>): boolean {
  return [...statements].some((text) => /^update \S+ set due_at = .* \+ ttr_ms/.test(text));
}

/** The functions that a statement calls without their schema. */
function unqualified(sql: string): string[] {
  // Without texts, comments, operators with their schema, and what names the columns of a subquery: `with names(pipeline)
  // as (`.
  const code = sql.replace(/'[^']*'|--.*$|operator\(pg_catalog\.\S+\)|\w+ ?\([\w, ]*\) as \(/gm, '');
  return [...code.matchAll(/(?<![\w."])(\w+)\s*\(/g)]
    .map(([, name]) => name!.toLowerCase())
    .filter((name) => !WORDS.has(name));
}
