import { hostname } from 'node:os';

let title: string | undefined;

/** This process for people: its host and its number there. */
export function processTitle(): string {
  return (title ??= `${hostname()}:${process.pid}`);
}
