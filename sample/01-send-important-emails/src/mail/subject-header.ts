/** RFC 2047 allows 75 characters for an encoded word; so many bytes fit. */
const BYTES_A_WORD = 45;

/**
 * A subject as it stands in the header. A text that only looks like an encoded word of RFC 2047 becomes real ones:
 * nodemailer would send it as it is, and the reader would see another text.
 */
export function subjectHeader(subject: string): string {
  if (!subject.includes('=?')) return subject;
  const words: string[] = [];
  let word = '';
  // By code points: a word does not end within a letter.
  for (const letter of subject) {
    if (Buffer.byteLength(word + letter) > BYTES_A_WORD) {
      words.push(word);
      word = '';
    }
    word += letter;
  }
  words.push(word);
  return words.map((text) => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`).join(' ');
}
