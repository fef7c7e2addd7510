import { join, resolve } from 'node:path';

/** This file is compiled to bench/dist/bench. */
export const BENCH = resolve(__dirname, '../..');
export const ROOT = resolve(BENCH, '..');
export const PEERS = join(BENCH, 'peers');
export const RESULTS = join(BENCH, 'results');
export const DOCUMENT = join(ROOT, 'docs/benchmarks.md');
export const PLOT = join(ROOT, 'docs/benchmarks.svg');
