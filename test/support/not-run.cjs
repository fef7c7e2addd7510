'use strict';

const { basename } = require('node:path');
const { default: circus } = require('jest-circus/runner');

/*
 * Runs a test file as usual, but for the files of MySQL itself when it could not be had: these have one test, which
 * is pending and says why.
 */
module.exports = async function run(globalConfig, config, environment, runtime, path, ...rest) {
  const why = process.env.TEST_MYSQL_NOT_RUN;
  const isMysqls =
    config.displayName?.name === 'mysql' ||
    (config.displayName?.name === 'faults' && basename(path).startsWith('mysql'));
  if (why === undefined || !isMysqls)
    return circus(globalConfig, config, environment, runtime, path, ...rest);
  const title = `not run: MySQL (${why})`;
  return {
    leaks: false,
    numFailingTests: 0,
    numPassingTests: 0,
    numPendingTests: 1,
    numTodoTests: 0,
    openHandles: [],
    perfStats: { start: 0, end: 0, runtime: 0, slow: false },
    skipped: true,
    snapshot: {
      added: 0,
      fileDeleted: false,
      matched: 0,
      unchecked: 0,
      uncheckedKeys: [],
      unmatched: 0,
      updated: 0,
    },
    testFilePath: path,
    testResults: [
      {
        ancestorTitles: [],
        failureDetails: [],
        failureMessages: [],
        fullName: title,
        numPassingAsserts: 0,
        status: 'pending',
        title,
      },
    ],
  };
};
