import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { findingIf, type SqlCheck, type SqlPatient } from '../../examination/sql-check';
import type { SystemChecks } from '../../open/sql-system';

const MEGABYTE = 1024 * 1024;
const LITTLE_SPACE = 100 * MEGABYTE;
const LONG_LOG = 64 * MEGABYTE;

/** NFS, SMB, CIFS and SMB2, as Linux numbers file systems. */
const NETWORK = [0x6969, 0x517b, 0xff534d42, 0xfe534d42];

async function pragma<T extends object>({ db }: SqlPatient, name: string): Promise<T | undefined> {
  return (await db.rows<T>(`pragma ${name}`))[0];
}

async function pathOf({ db }: SqlPatient): Promise<string> {
  const files = await db.rows<{ name: string; file: string }>('pragma database_list');
  return files.find(({ name }) => name === 'main')?.file ?? '';
}

const server: SqlCheck = {
  about: 'server',
  async look(patient) {
    const [row] = await patient.db.rows<{ version: string }>('select sqlite_version() as version');
    const mode = await pragma<{ journal_mode: string }>(patient, 'journal_mode');
    return {
      seen: `SQLite ${row?.version}, ${(await pathOf(patient)) || 'in memory'}, journal ${mode?.journal_mode}`,
    };
  },
};

const disk: SqlCheck = {
  about: 'disk',
  async look(patient) {
    const path = await pathOf(patient);
    if (path === '') return { seen: 'none: it is in memory' };
    const { type, bavail, bsize } = await statfs(dirname(path));
    const free = bavail * bsize;
    return {
      seen: `${Math.round(free / MEGABYTE)} MiB are free`,
      findings: [
        ...findingIf(
          NETWORK.includes(type),
          'The file is on a network file system, whose locks SQLite cannot trust.',
          'Put it on a local disk, or use PostgreSQL, MySQL or MariaDB for several machines.',
        ),
        ...findingIf(
          free < LITTLE_SPACE,
          `Only ${Math.round(free / MEGABYTE)} MiB are free on the disk.`,
          'Make room: a full disk is an outage of the queue.',
        ),
      ],
    };
  },
};

const integrity: SqlCheck = {
  about: 'integrity',
  async look(patient) {
    const found = await pragma<{ quick_check: string }>(patient, 'quick_check(1)');
    const answer = found?.quick_check ?? '';
    return {
      seen: answer,
      findings: findingIf(
        answer !== 'ok',
        `The file is damaged: ${answer.slice(0, 200)}`,
        'Stop all processes, and restore a backup, or save what is left with sqlite3 file .recover.',
      ),
    };
  },
};

const log: SqlCheck = {
  about: 'log',
  async look(patient) {
    const size = await pragma<{ page_size: number }>(patient, 'page_size');
    const state = await pragma<{ log: number; checkpointed: number }>(patient, 'wal_checkpoint(passive)');
    const left = Math.max(0, (state?.log ?? 0) - (state?.checkpointed ?? 0)) * (size?.page_size ?? 0);
    return {
      seen: `${Math.round(left / 1024)} KiB are not in the file yet`,
      findings: findingIf(
        left > LONG_LOG,
        `${Math.round(left / MEGABYTE)} MiB of the log cannot be written into the file, because somebody reads an old state of it.`,
        'End the transaction that has been open for long, in whichever process has the file open.',
      ),
    };
  },
};

export const sqliteChecks: SystemChecks = { server: [server, disk], tables: [integrity, log] };
