import type { Leases } from '../../lib/core/contract/leases';
import type { JournalEntry } from '../../lib/core/contract/ports/journal';
import type { Journal } from '../../lib/core/contract/ports/journal';
import type { BrokenBackend } from './broken-backends';

/* Faults in what a backend makes of what jobs say. */

type Note = (entries: readonly JournalEntry[]) => Promise<JournalEntry['job'][]>;

function noting(fault: string, caughtBy: string, note: (sound: Note, leases: Leases) => Note): BrokenBackend {
  return {
    fault,
    caughtBy,
    leases: (sound) => ({ note: note((entries) => sound.note!(entries), sound) }),
  };
}

function reading(
  fault: string,
  caughtBy: string,
  journal: (sound: Journal) => Partial<Journal>,
): BrokenBackend {
  return {
    fault,
    caughtBy,
    features: (sound) => {
      const port = sound.features.journal!;
      return {
        journal: {
          progress: (id) => port.progress(id),
          lines: (id, page) => port.lines(id, page),
          ...journal(port),
        },
      };
    },
  };
}

/** One that keeps what a job has said in a place of its own, whoever holds the job and whether it is there. */
function apart(fault: string, caughtBy: string, write: (said: Map<string, string>) => Note): BrokenBackend {
  const said = new Map<string, string>();
  return {
    fault,
    caughtBy,
    features: (sound) => {
      const lines = sound.features.journal!.lines.bind(sound.features.journal);
      const progress = async (id: string) => {
        const value = said.get(id);
        return value === undefined ? undefined : { value, at: new Date() };
      };
      return { journal: { progress, lines } };
    },
    leases: () => ({ note: write(said) }),
  };
}

export const brokenJournals: readonly BrokenBackend[] = [
  noting(
    'writes only the first progress',
    'the last progress of a job is read while it runs, with the time of its writing',
    (sound) => {
      const known = new Set<string>();
      return async (entries) => {
        const fresh = entries.filter(({ job }) => !known.has(job.id));
        for (const { job } of entries) known.add(job.id);
        return sound(fresh);
      };
    },
  ),
  noting(
    'takes the time of writing for that of a line',
    'lines of a log are read in their order, and on after one that is known',
    (sound) => (entries) =>
      sound(
        entries.map((entry) => ({
          ...entry,
          ...(entry.lines && { lines: entry.lines.map(({ text }) => ({ text, age: 0 })) }),
        })),
      ),
  ),
  noting(
    'forgets the progress when a line comes',
    'progress and lines are written together, and a log changes no progress',
    (sound) => (entries) => sound(entries.map((entry) => ({ progress: '', ...entry }))),
  ),
  noting(
    'takes a hundred entries of a call',
    'many jobs are written in one call, each for itself',
    (sound) => (entries) => sound(entries.slice(0, 100)),
  ),
  noting(
    'writes nothing when one job of a call is lost',
    'of a job that is lost nothing is written, and of the others all',
    (sound, leases) => async (entries) => {
      const lost = await leases.renew(entries.map(({ job }) => job));
      return lost.length > 0 ? lost : sound(entries);
    },
  ),
  apart(
    'asks not who holds the job',
    'another worker’s lease of the same job writes, and the former one does not',
    (said) => async (entries) => {
      for (const { job, progress } of entries) if (progress !== undefined) said.set(job.id, progress);
      return [];
    },
  ),
  reading(
    'shows only what running jobs say',
    'what a job has said stays while it waits for its next attempt, or is buried',
    (sound) => {
      const seen = new Set<string>();
      return {
        progress: async (id) => {
          if (seen.has(id)) return undefined;
          seen.add(id);
          return sound.progress(id);
        },
      };
    },
  ),
  apart(
    'keeps what a job has said when the job is gone',
    'what a job has said goes with it: when it is deleted, discarded or cleared',
    (said) => async (entries) => {
      for (const { job, progress } of entries) if (progress !== undefined) said.set(job.id, progress);
      return [];
    },
  ),
  {
    fault: 'forgets what a job has said when it ends',
    caughtBy: 'what a job has said stays as long as the job is kept, and goes with it',
    features: (sound) => {
      const port = sound.features.journal!;
      const there = async (id: string) => (await sound.inspect.find(id)) !== undefined;
      return {
        journal: {
          progress: async (id) => ((await there(id)) ? port.progress(id) : undefined),
          lines: async (id, page) => ((await there(id)) ? port.lines(id, page) : []),
        },
      };
    },
  },
  noting('keeps the first lines', 'the newest 1,000 lines of a job stay', (sound) => {
    let count = 0;
    return (entries) =>
      sound(
        entries.map((entry) => {
          const lines = entry.lines?.filter(() => (count += 1) <= 1000);
          return { ...entry, ...(lines && { lines }) };
        }),
      );
  }),
  noting(
    'cuts long texts',
    'a text of 64 KiB is stored as it is',
    (sound) => (entries) =>
      sound(
        entries.map((entry) => ({
          ...entry,
          ...(entry.progress !== undefined && { progress: entry.progress.slice(0, 65_535) }),
        })),
      ),
  ),
  reading('takes every id', 'an id of nobody has said nothing', (sound) => ({
    progress: async (id) => (id === '' ? { value: '', at: new Date() } : sound.progress(id)),
  })),
  apart(
    'writes for a job whose time has run out',
    'of a job whose time has run out nothing is written',
    (said) => async (entries) => {
      for (const { job, progress } of entries) if (progress !== undefined) said.set(job.id, progress);
      return [];
    },
  ),
];
