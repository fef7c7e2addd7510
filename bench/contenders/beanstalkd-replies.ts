const NEW_LINE = '\r\n';

/** Cuts beanstalkd's replies out of the stream: a line of words, and a body where the word says so. */
export class BeanstalkdReplies {
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly onReply: (words: readonly string[], body: string | undefined) => void) {}

  read(chunk: Buffer): void {
    const data = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    let start = 0;
    for (;;) {
      const end = data.indexOf(NEW_LINE, start);
      if (end === -1) break;
      const words = data.toString('latin1', start, end).split(' ');
      const bytes = bodyBytes(words);
      const next = end + NEW_LINE.length + (bytes === undefined ? 0 : bytes + NEW_LINE.length);
      if (next > data.length) break;
      const bodyStart = end + NEW_LINE.length;
      this.onReply(
        words,
        bytes === undefined ? undefined : data.toString('utf8', bodyStart, bodyStart + bytes),
      );
      start = next;
    }
    this.rest = data.subarray(start);
  }
}

function bodyBytes([word, first, second]: readonly string[]): number | undefined {
  if (word === 'RESERVED' || word === 'FOUND') return Number(second);
  if (word === 'OK') return Number(first);
  return undefined;
}
