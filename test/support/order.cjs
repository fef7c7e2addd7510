'use strict';
const { default: Sequencer } = require('@jest/test-sequencer');

/*
 * The order in which test files start: those that take long before the others, so that none of them is alone at the
 * end; and those that mostly wait one after the other beside those that compute, so that no processor waits with them.
 */

/** They wait for leases to end, for processes to be missed and for servers to be back. */
const WAITING = /\/test\/(faults|registry)\//;

/** Roughly, for a machine on which they have not run yet. */
const SECONDS = [
  [/\/faults\/(mysql|postgres|mariadb)\./, 220],
  [/\/faults\//, 150],
  [/\/registry\//, 100],
  [/\/package\/(applications|sqlite3|postgres-prisma)\./, 140],
  [/\/package\/(board|shop|sqlite-)/, 80],
  [/\/(board\/.*-browser|layouts\/upgrade|orms\/(add|handle)|backends\/data-source)\./, 70],
  [/\/(crowd\/mysql|events\/events|command\/every-system|backends\/(postgres|mysql))\./, 35],
];
const SECONDS_OF_OTHERS = 5;

module.exports = class Order extends Sequencer {
  /** jest gives each test the milliseconds of its last run, where it knows them. */
  sort(tests) {
    const sorted = super.sort(tests).sort((one, other) => seconds(other) - seconds(one));
    const waiting = { tests: sorted.filter(isWaiting), workers: 1, busy: 0 };
    const others = { tests: sorted.filter((test) => !isWaiting(test)), workers: 2, busy: 0 };
    return sorted.map(() => {
      const next = nextOf(waiting, others);
      const test = next.tests.shift();
      next.busy += seconds(test) / next.workers;
      return test;
    });
  }
};

/** The one that is free first, and has tests left. */
function nextOf(waiting, others) {
  if (waiting.tests.length === 0) return others;
  if (others.tests.length === 0) return waiting;
  return waiting.busy <= others.busy ? waiting : others;
}

function isWaiting({ path }) {
  return WAITING.test(path);
}

function seconds({ path, duration }) {
  if (duration) return duration / 1000;
  return SECONDS.find(([pattern]) => pattern.test(path))?.[1] ?? SECONDS_OF_OTHERS;
}
