/** What the library needs of a logger; Nest's `Logger` fits. Payloads and credentials are never handed to it. */
export interface Logger {
  log(message: string): void;
  warn(message: string): void;
  error(message: string, stack?: string): void;
  debug?(message: string): void;
  verbose?(message: string): void;
  fatal?(message: string): void;
}

export const silentLogger: Logger = { log: () => {}, warn: () => {}, error: () => {} };
