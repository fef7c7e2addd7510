#!/usr/bin/env node
import { run } from '../command/run';
import { backends } from './backends';

/*
 * `job-queue sql` under its older name:
 *
 *   npx job-queue-schema postgres --schema app | psql "$DATABASE_URL" --single-transaction -v ON_ERROR_STOP=1
 *
 * Exit codes: 0 printed, 2 a mistake in the command line.
 */
void run(['sql', ...process.argv.slice(2)], backends).then((code) => {
  process.exitCode = code;
});
