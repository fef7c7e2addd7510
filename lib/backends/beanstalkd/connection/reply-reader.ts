import { isUtf8 } from 'node:buffer';
import type { ReceivedReply } from './reply';

/** The longest line of a healthy server is its reply to `use`: a word and a name of 200 bytes. */
const LONGEST_LINE = 1024;

const LF = 0x0a;
const NOTHING = Buffer.alloc(0);

/** Words that mean nothing without the numbers that follow them. The last number of a reply with a body is its size. */
const SHAPES: Readonly<Record<string, RegExp>> = {
  INSERTED: /^INSERTED (\d{1,20})$/,
  RESERVED: /^RESERVED (\d{1,20}) (\d{1,12})$/,
  FOUND: /^FOUND (\d{1,20}) (\d{1,12})$/,
  OK: /^OK (\d{1,12})$/,
};
const WORDS_WITH_BODY = new Set(['RESERVED', 'FOUND', 'OK']);

/** The server sends what no beanstalkd sends. The message shows nothing of a body. */
export class MalformedReplyError extends Error {}

/** A body that has not arrived as a whole, with the line break that ends it. */
interface ComingBody {
  readonly word: string;
  readonly value: string;
  readonly bytes: Buffer;
  filled: number;
}

/**
 * Turns the pieces that arrive into replies. Every byte is copied at most once, so a large body takes time in
 * proportion to its size. Lines and bodies have limits, because the other end may not be a beanstalkd.
 */
export class ReplyReader {
  private rest: Buffer = NOTHING;
  private coming: ComingBody | undefined;

  constructor(
    private readonly longestBody: number,
    private readonly onReply: (reply: ReceivedReply) => void,
  ) {}

  /** How many bytes are missing of a body that has begun; 0 when none has. */
  get missing(): number {
    return this.coming ? this.coming.bytes.length - this.coming.filled : 0;
  }

  /** Throws `MalformedReplyError`; nothing that follows can be read then. */
  read(piece: Buffer): void {
    const bytes = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    this.rest = NOTHING;
    let at = 0;
    while (at < bytes.length) {
      if (this.coming) {
        at = this.fill(this.coming, bytes, at);
        continue;
      }
      const end = bytes.indexOf(LF, at);
      if ((end === -1 ? bytes.length : end) - at > LONGEST_LINE) {
        throw new MalformedReplyError(`a line of more than ${LONGEST_LINE} bytes`);
      }
      if (end === -1) {
        this.rest = bytes.subarray(at);
        return;
      }
      at = this.begin(bytes, at, end);
    }
  }

  /** Reads the line that ends there, and the body too when all of it is here. Returns where the next one begins. */
  private begin(bytes: Buffer, at: number, end: number): number {
    const line = bytes.toString('latin1', at, end - 1);
    const space = line.indexOf(' ');
    const word = space === -1 ? line : line.slice(0, space);
    const shape = SHAPES[word];
    const numbers = shape?.exec(line);
    if (shape && !numbers) throw new MalformedReplyError(`${word} without its numbers`);
    const value = numbers?.[1] ?? (space === -1 ? '' : line.slice(space + 1));
    const next = end + 1;
    if (!WORDS_WITH_BODY.has(word)) {
      this.onReply({ word, value, body: '', garbled: false });
      return next;
    }
    const size = Number(numbers?.at(-1));
    if (size > this.longestBody) {
      throw new MalformedReplyError(`a body of ${size} bytes, and at most ${this.longestBody} are possible`);
    }
    const after = next + size + 2;
    if (after <= bytes.length) this.finish(word, value, bytes.subarray(next, after));
    else this.coming = { word, value, bytes: Buffer.allocUnsafeSlow(size + 2), filled: 0 };
    return this.coming ? next : after;
  }

  private fill(coming: ComingBody, bytes: Buffer, at: number): number {
    const copied = bytes.copy(coming.bytes, coming.filled, at);
    coming.filled += copied;
    if (coming.filled === coming.bytes.length) {
      this.coming = undefined;
      this.finish(coming.word, coming.value, coming.bytes);
    }
    return at + copied;
  }

  private finish(word: string, value: string, bytesWithBreak: Buffer): void {
    const size = bytesWithBreak.length - 2;
    if (bytesWithBreak[size] !== 0x0d || bytesWithBreak[size + 1] !== LF) {
      throw new MalformedReplyError(`${word} with a body that is longer than it says`);
    }
    const body = bytesWithBreak.toString('utf8', 0, size);
    // Decoding puts U+FFFD where it fails, which may also be a character of the text.
    const garbled = body.includes('\ufffd') && !isUtf8(bytesWithBreak.subarray(0, size));
    this.onReply({ word, value, body, garbled });
  }
}
