import { styleText } from 'node:util';
import Table from 'cli-table3';

/** One column of a table; numbers stand on the right. */
export interface Column {
  readonly title: string;
  readonly number?: true;
}

export type Style = Parameters<typeof styleText>[0];

/** A value in a table, and how it looks on a terminal. */
export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/**
 * Where results go. On a terminal they have colours and tables; elsewhere one line each, with tabs between the values; as
 * JSON where that was asked for.
 */
export class Screen {
  /** As `--json` says. */
  json = false;

  constructor(
    private readonly output: NodeJS.WriteStream,
    private readonly errors: NodeJS.WriteStream,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  get isTerminal(): boolean {
    return this.output.isTTY && !this.json;
  }

  /** Of a line; without a terminal there is no need to cut one. */
  get width(): number {
    return this.isTerminal ? this.output.columns || 80 : Infinity;
  }

  /** Writes a result as JSON, on one line where a program reads it. */
  value(value: unknown): void {
    this.write(`${JSON.stringify(value, undefined, this.output.isTTY ? 2 : undefined)}\n`);
  }

  /** As `value`, on one line everywhere: one of many. */
  lineOfJson(value: unknown): void {
    this.write(`${JSON.stringify(value)}\n`);
  }

  /** What was done, in a sentence; `value` is the same for a program. */
  done(sentence: string, value: object): void {
    if (this.json) this.value(value);
    else this.write(`${sentence}\n`);
  }

  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void {
    this.write(this.isTerminal ? this.drawn(columns, rows) : separated(columns, rows));
  }

  /** For what is no result: it stays out of a pipe. */
  note(text: string): void {
    this.errors.write(`${text}\n`);
  }

  write(text: string): void {
    this.output.write(text);
  }

  styled(text: string, style?: Style): string {
    return style === undefined || !this.hasColours ? text : styleText(style, text, { validateStream: false });
  }

  private get hasColours(): boolean {
    const { NO_COLOR, TERM } = this.environment;
    return this.isTerminal && !NO_COLOR && TERM !== 'dumb';
  }

  /** The table as a terminal shows it. */
  drawn(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
    const table = new Table({
      chars: NO_BORDERS,
      style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
      head: columns.map(({ title }) => this.styled(title, 'bold')),
      colAligns: columns.map(({ number }) => (number ? 'right' : 'left')),
    });
    table.push(...rows.map((row) => row.map(({ text, style }) => this.styled(text, style))));
    return `${table
      .toString()
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')}\n`;
  }
}

function separated(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map(({ text }) => text))];
  return lines.map((line) => `${line.join('\t')}\n`).join('');
}
