import { now } from './clock';
import type { Payload } from './contender';

/** Payloads numbered from `first` on, added now. */
export function payloads(count: number, first = 0): Payload[] {
  return Array.from({ length: count }, (_, index) => payload(first + index));
}

export function payload(number: number): Payload {
  return { at: now(), number, to: 'ann@example.com', subject: 'Your order has left our house today' };
}
