import { PayloadTooLargeError } from '../../../../core/contract/errors';
import { BYTES_A_UNIT, sizeOf, type Sized } from '../../puts/put-pieces';

/** What is doubled in a literal. */
const ESCAPED = /'/g;

/**
 * Throws `PayloadTooLargeError` for a job that does not fit in the server's packet. The server would read no further and
 * close the connection, so that the client sees a reset more often than a refusal.
 */
export function checkPacket(rows: readonly Sized[], packet: number): void {
  for (const row of rows) {
    const size = sizeOf(row);
    if (size * BYTES_A_UNIT <= packet) continue;
    const { payload } = row;
    const bytes = Buffer.byteLength(payload) + (payload.match(ESCAPED)?.length ?? 0);
    if (bytes + (size - payload.length) * BYTES_A_UNIT > packet)
      throw new PayloadTooLargeError(bytes, packet, "the server's max_allowed_packet");
  }
}
