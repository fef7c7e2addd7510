import { isDeepStrictEqual, types } from 'node:util';

/** Deep equality. Asymmetric matchers of Jest and Vitest, such as expect.objectContaining(), may stand anywhere. */
export function matches(expected: unknown, actual: unknown): boolean {
  if (isMatcher(expected)) return expected.asymmetricMatch(actual);
  if (!isObject(expected) || !isObject(actual)) return Object.is(expected, actual);
  if (isOpaque(expected) || isOpaque(actual)) return isDeepStrictEqual(expected, actual);
  if (Array.isArray(expected) !== Array.isArray(actual)) return false;
  const keys = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...keys].every((key) => matches(expected[key], actual[key]));
}

/** Its content is not in own properties. */
function isOpaque(value: object): boolean {
  return (
    (['isDate', 'isMap', 'isSet', 'isRegExp', 'isAnyArrayBuffer', 'isBoxedPrimitive'] as const).some((is) =>
      types[is](value),
    ) || ArrayBuffer.isView(value)
  );
}

interface Matcher {
  asymmetricMatch(actual: unknown): boolean;
}

function isMatcher(value: unknown): value is Matcher {
  return typeof (value as Partial<Matcher> | null | undefined)?.asymmetricMatch === 'function';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
