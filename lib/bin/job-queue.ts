#!/usr/bin/env node
import { run } from '../command/run';
import { backends } from './backends';

/* `job-queue --help` says what it can do; docs/command.md has more. */
void run(process.argv.slice(2), backends).then((code) => {
  process.exitCode = code;
});
