// Loaded before the rights are given up: afterwards not even these files may be readable.
import 'better-sqlite3';
import 'typeorm';
import { sqlBackend } from '../../lib/typeorm';

/*
 * Connects to the SQLite file that is its argument and prints the error's code and message. Root may write
 * everything, so root becomes somebody else first.
 */

const NOBODY = 65_534;

if (process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}
sqlBackend(`sqlite:${process.argv[2]}`)
  .connect()
  .then(
    () => console.log('connected'),
    (error: Error & { code?: string }) => console.log(error.code, error.message),
  );
