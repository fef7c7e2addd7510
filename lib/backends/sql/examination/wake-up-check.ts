import type { SqlCheck } from './sql-check';

/** Whether processes hear of each other's jobs: as a worker does, the queue listens and calls itself. */
export const wakeUpCheck: SqlCheck = {
  about: 'wake-ups',
  async look({ database: { wakeUp }, warnings }) {
    const known = warnings.length;
    await wakeUp.open(() => {});
    const { arriving } = wakeUp;
    await wakeUp.close();
    const said = warnings.slice(known);
    return {
      seen: arriving ? 'word of new jobs arrives' : 'workers look for jobs by themselves',
      findings: said.map((finding) => ({
        finding,
        remedy:
          'Give workers a direct connection, or one through a pooler in session mode; until then a job of another process waits up to a second.',
      })),
    };
  },
};
