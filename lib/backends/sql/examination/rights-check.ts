import { BackendRefusedError } from '../../../core/contract/errors';
import type { SqlCheck, SqlPatient } from './sql-check';

/** What a worker does with the tables. The server checks rights when it explains a statement, and does nothing else. */
function statements({ table }: SqlPatient): readonly (readonly [right: string, on: string, sql: string])[] {
  const { jobs, pauses, keys } = table;
  const schedules = table.side('schedules');
  const workers = table.side('workers');
  const progress = table.side('progress');
  const logs = table.side('logs');
  const done = table.side('done');
  const events = table.side('events');
  const pipelines = table.side('pipelines');
  return [
    ['SELECT', jobs, `select id from ${jobs} where id = 0`],
    [
      'INSERT',
      jobs,
      `insert into ${jobs} (pipeline, payload, state) select pipeline, payload, state from ${jobs} where id = 0`,
    ],
    ['UPDATE', jobs, `update ${jobs} set state = 'ready' where id = 0`],
    ['DELETE', jobs, `delete from ${jobs} where id = 0`],
    ['SELECT', pauses, `select pipeline from ${pauses}`],
    ['UPDATE', keys, `update ${keys} set held_until = 0 where pipeline = ''`],
    ['DELETE', keys, `delete from ${keys} where pipeline = ''`],
    ['UPDATE', workers, `update ${workers} set seen_at = 0 where id = ''`],
    ['UPDATE', progress, `update ${progress} set changed_at = 0 where job_id = 0`],
    ['DELETE', logs, `delete from ${logs} where id = 0`],
    ['SELECT', done, `select id from ${done} where id = 0`],
    [
      'INSERT',
      done,
      `insert into ${done} (id, pipeline, outcome, ended_at) select id, pipeline, outcome, ended_at from ${done} where id = 0`,
    ],
    ['DELETE', done, `delete from ${done} where id = 0`],
    ['UPDATE', pipelines, `update ${pipelines} set keep = null where pipeline = ''`],
    ['SELECT', events, `select seq from ${events} where pipeline = ''`],
    ['UPDATE', events, `update ${events} set seq = 0 where pipeline = ''`],
    ['UPDATE', schedules, `update ${schedules} set paused = 0 where name = ''`],
  ];
}

export const rightsCheck: SqlCheck = {
  about: 'rights',
  async look(patient) {
    const missing: string[] = [];
    for (const [right, on, sql] of statements(patient)) {
      try {
        await patient.db.rows(`explain ${sql}`);
      } catch (error) {
        if (!(error instanceof BackendRefusedError)) throw error;
        missing.push(`${right} on ${on}`);
      }
    }
    if (missing.length === 0) return { seen: 'this role may do what a worker does' };
    return {
      seen: '',
      findings: [
        {
          finding: `This role has no ${missing.join(', no ')}.`,
          remedy:
            'Grant a worker what docs/production.md lists under rights; a process that only adds or looks needs less.',
        },
      ],
    };
  },
};
