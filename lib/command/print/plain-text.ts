const LONGEST_CELL = 100;

/**
 * A text that is safe to print: what others stored may hold sequences that move the cursor, set the title of the window
 * or look like a prompt. Line ends and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n\t]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** The first line of a text, cut where a table would become too wide. */
export function cell(text: string, longest = LONGEST_CELL): string {
  const line = printable(text.trimStart().split(/[\r\n]/, 1)[0] ?? '').replaceAll('\t', ' ');
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

/** Without the user and the password of any URL in it, and of one that was not recognised as such. */
export function withoutCredentials(text: string): string {
  return text.replace(/([a-z][a-z0-9+]*:\/\/)[^\s/]*@/gi, '$1…@').replace(/\b(password=)[^&\s]*/gi, '$1…');
}
