import { Cron } from 'croner';
import { milliseconds } from '../checks/checks';
import type { Missed, ScheduleRule } from '../contract/ports/schedules';

/** Milliseconds since 1970. */
export type Moment = number;

/** What a schedule does when it is due. */
export interface Firing {
  /** The slots for which jobs are to be added. */
  readonly slots: readonly Moment[];
  /** The first slot that is not done; undefined when none will come. */
  readonly next: Moment | undefined;
}

/** With `missed: 'skip'`, a slot that is later than that is left out. */
export const GRACE_MS = 60_000;

/** Texts are compiled once: that costs more than a search. */
const compiled = new Map<string, Cron>();
const MOST_COMPILED = 1_000;

/** The first slot after that moment; undefined when none will come. */
export function nextSlot(rule: ScheduleRule, after: Moment): Moment | undefined {
  if (rule.every !== undefined) {
    const length = milliseconds(rule.every);
    return (Math.floor(after / length) + 1) * length;
  }
  return cronOf(rule).nextRun(new Date(after))?.getTime();
}

/** The coming slots, from that one on, at most so many. */
export function slotsFrom(rule: ScheduleRule, first: Moment, count: number): Moment[] {
  const slots: Moment[] = [];
  for (let slot: Moment | undefined = first; slot !== undefined && slots.length < count;) {
    slots.push(slot);
    slot = nextSlot(rule, slot);
  }
  return slots;
}

/**
 * What is to be done by a schedule whose first slot that is not done is `due`. From slot to slot and never from the
 * present moment: so no slot depends on when a process looked. At most `most` slots; where there are more, `next` is not
 * after `now`.
 */
export function firing(
  rule: ScheduleRule & { readonly missed: Missed },
  due: Moment,
  now: Moment,
  most: number,
): Firing {
  // Another program may have written a moment that is no slot.
  const first = nextSlot(rule, due - 1);
  if (first === undefined || first > now) return { slots: [], next: first };
  if (rule.missed === 'all') {
    const slots = slotsFrom(rule, first, most + 1);
    const open = slots.findIndex((slot) => slot > now);
    const done = slots.slice(0, open === -1 ? most : open);
    return { slots: done, next: nextSlot(rule, done.at(-1) ?? now) };
  }
  const last = lastSlot(rule, first, now);
  const isLate = rule.missed === 'skip' && now - last > GRACE_MS;
  return { slots: isLate ? [] : [last], next: nextSlot(rule, last) };
}

/**
 * The last slot that is not after `now`, of which `slot` is one. In halves, because a year of seconds has 31 million
 * slots.
 */
function lastSlot(rule: ScheduleRule, slot: Moment, now: Moment): Moment {
  let last = slot;
  /** No slot lies between it and `now`. */
  let free = now;
  while (free - last > 1) {
    const next = nextSlot(rule, last);
    if (next === undefined || next > now) return last;
    last = next;
    const middle = Math.floor((last + free) / 2);
    const found = nextSlot(rule, middle);
    if (found !== undefined && found <= now) last = found;
    else free = middle;
  }
  return last;
}

/** @throws what croner throws of a text or time zone that it does not take */
export function cronOf({ cron = '', timeZone }: ScheduleRule): Cron {
  const key = `${timeZone} ${cron}`;
  const known = compiled.get(key);
  if (known) return known;
  const made = new Cron(cron, { timezone: timeZone, mode: '5-or-6-parts', paused: true });
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  compiled.set(key, made);
  return made;
}
