import type { Seconds } from '../job-data';

/* What an examination of a queue's server looks at, and what it may find. */

/** Something that hurts, or will, and what to do about it. */
export interface Finding {
  readonly finding: string;
  readonly remedy: string;
}

/** What one check has seen. */
export interface Look {
  /** In a few words, for the reader who wants to know that it was looked at. */
  readonly seen: string;
  /** None when all is well. */
  readonly findings?: readonly Finding[];
}

/** A look at one thing. */
export interface Check<Patient> {
  /** What it looks at. */
  readonly about: string;
  look(patient: Patient): Promise<Look>;
}

export interface Examined extends Look {
  readonly about: string;
  readonly findings: readonly Finding[];
}

/** From when on something that lasts counts as a fault: a transaction, a schedule that is late, jobs that nobody takes. */
export interface Patience {
  readonly patience: Seconds;
}
