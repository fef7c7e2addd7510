/** A test: its title, and what it does. */
export type Titled = readonly [title: string, act: () => Promise<unknown>];

/**
 * A test of each; all of them begin with the first one, because they mostly wait. For tests that share nothing. Each
 * has so many seconds, from then on.
 */
export function itSideBySide(tests: readonly Titled[], seconds: number): void {
  let ends: Promise<unknown>[] | undefined;
  const begin = () =>
    tests.map(([, act]) => {
      const end = act();
      // Its own test tells why, when it gets there.
      end.catch(() => undefined);
      return end;
    });
  tests.forEach(([title], index) =>
    it(title, async () => void (await (ends ??= begin())[index]), seconds * 1000),
  );
}
