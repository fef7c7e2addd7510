/** For `toThrow` and `rejects.toThrow`: an error of ours by its code, and whatever else has to be true of it. */
export function coded(code: string, properties: Record<string, unknown> = {}): Error {
  return expect.objectContaining({ code, ...properties }) as Error;
}
