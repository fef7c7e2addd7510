import { isPipelineName } from '../../../core/contract/pipeline-name';
import type { Finding } from '../../../core/contract/ports/examination';
import { findingIf, printableName, type SqlCheck, type SqlPatient } from './sql-check';

const MOST_NAMED = 5;

/** What another program has written outside of the rule (docs/wire.md has it), and the tables do not refuse. */
export const rowsCheck: SqlCheck = {
  about: 'rows',
  async look(patient) {
    const findings = [...(await names(patient)), ...(await rows(patient)), ...(await keys(patient))];
    return { seen: findings.length === 0 ? 'all within the rule' : '', findings };
  },
};

async function names({ db, dialect }: SqlPatient): Promise<Finding[]> {
  const all = await db.rows<{ pipeline: string }>(dialect.pipelineNames(dialect.table).present);
  const wrong = all.map(({ pipeline }) => pipeline).filter((name) => !isPipelineName(name));
  return findingIf(
    wrong.length > 0,
    `Names that no pipeline can have: ${wrong.length}, as ${wrong.slice(0, MOST_NAMED).map(printableName).join(', ')}.`,
    'Rename them with SQL, by 1 to 200 of A-Z a-z 0-9 - + / ; . $ _ ( ), and mend the program that writes them.',
  );
}

async function rows({ db, table }: SqlPatient): Promise<Finding[]> {
  const where = `state = 'reserved' and token is null`;
  const [found] = await db.rows<{ wrong: string | number }>(
    `select count(*) as wrong from ${table.jobs} where ${where}`,
  );
  const count = Number(found?.wrong ?? 0);
  return findingIf(
    count > 0,
    `Jobs that are reserved by nobody: ${count}.`,
    `They are ready when their time is over: select id, due_at from ${table.jobs} where ${where}. Mend the program that writes them.`,
  );
}

async function keys({ db, table }: SqlPatient): Promise<Finding[]> {
  const [found] = await db.rows<{ wrong: string | number }>(
    `select count(*) as wrong from ${table.keys} where unique_key = '' or unique_key like '% '`,
  );
  const count = Number(found?.wrong ?? 0);
  return findingIf(
    count > 0,
    `Unique keys that are empty or end in a space, which not every system compares alike: ${count}.`,
    `Look at them: select * from ${table.keys} where unique_key = '' or unique_key like '% '.`,
  );
}
