import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFeatureTable } from './feature-table';

const README = join(__dirname, '../../README.md');

void withFeatureTable(readFileSync(README, 'utf8')).then((text) => writeFileSync(README, text));
