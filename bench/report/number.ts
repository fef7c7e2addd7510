/** Three digits that count, thousands apart: 47,305 is 47,300. */
export function shown(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}
