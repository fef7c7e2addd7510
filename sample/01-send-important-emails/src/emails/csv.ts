import { readFile } from 'node:fs/promises';
import { CsvError, type CsvErrorCode, parse } from 'csv-parse/sync';
import { InputError } from '../input.error';

export interface CsvRow<Column extends string> {
  readonly fields: Readonly<Record<Column, string>>;
  /** Where the row begins; the first line of a file is 1. */
  readonly line: number;
}

const QUOTE_INSIDE = 'a quote in the middle of a field: quote the whole field and double those inside.';
const PROBLEMS: Partial<Record<CsvErrorCode, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quoted field of this row is never closed.',
  CSV_RECORD_INCONSISTENT_COLUMNS:
    'the row has not as many fields as the first line; a field with a comma needs quotes.',
  CSV_INVALID_CLOSING_QUOTE: QUOTE_INSIDE,
  INVALID_OPENING_QUOTE: QUOTE_INSIDE,
};

/**
 * Reads a UTF-8 file whose first line names its columns, in any order; other columns than the wanted ones are
 * ignored. Throws `InputError` naming file, line and reason.
 */
export async function readCsv<Column extends string>(
  file: string,
  wanted: readonly Column[],
): Promise<CsvRow<Column>[]> {
  const text = decoded(file, await bytesOf(file));
  if (text.trim() === '') {
    throw new InputError(`${file} is empty: its first line must be ${wanted.join(',')}`);
  }
  let lastLine = 0;
  try {
    return parse<CsvRow<Column>, Record<string, string>>(text, {
      columns: (header: string[]) => {
        lastLine = 1;
        return checkedHeader(header, wanted, `${file}:1`);
      },
      record_delimiter: '\n',
      skip_empty_lines: true,
      on_record: (record, { lines }) => {
        lastLine = lines;
        return { fields: pick(record, wanted), line: lines - lineBreaksIn(record) };
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new InputError(`${file}:${problemOf(error, lastLine + 1)}`);
  }
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new InputError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

/** Every line break becomes `\n`, so that lines are counted as editors count them. */
function decoded(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r\n?/g, '\n');
  } catch {
    throw new InputError(`${file} is not UTF-8 text: save it as "CSV UTF-8".`);
  }
}

function checkedHeader(header: string[], wanted: readonly string[], place: string): string[] {
  const columns = header.map((column) => column.trim());
  const missing = wanted.filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    throw new InputError(
      `${place}: no column ${missing.join(', ')}. The first line names the columns, with commas: ${wanted.join(',')}`,
    );
  }
  return columns;
}

function pick<Column extends string>(record: Record<string, string>, wanted: readonly Column[]) {
  return Object.fromEntries(wanted.map((column) => [column, record[column]])) as Record<Column, string>;
}

function lineBreaksIn(record: Record<string, string>): number {
  return Object.values(record).join('').split('\n').length - 1;
}

/** `openRow` is the line after the last whole row. */
function problemOf(error: CsvError, openRow: number): string {
  const line = error.code === 'CSV_QUOTE_NOT_CLOSED' ? openRow : Number(error.lines);
  return `${line}: ${PROBLEMS[error.code] ?? `${error.message}.`}`;
}
