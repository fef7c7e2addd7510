import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installMissing } from '../../support/servers/debian-package';
import { faketime } from './faketime';
import { ROWS_VARIABLE } from './row';
import { supervisor } from './supervisord';

/** Before the test files, because two of them must not install at once. */
export default function prepare(): void {
  installMissing([faketime, ...supervisor]);
  const rows = join(mkdtempSync(join(tmpdir(), 'faults-')), 'rows');
  writeFileSync(rows, '');
  process.env[ROWS_VARIABLE] = rows;
}
