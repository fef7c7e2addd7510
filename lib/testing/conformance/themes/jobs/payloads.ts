import assert from 'node:assert/strict';
import type { Theme } from '../../conformance-case';
import type { QueueUnderTest } from '../../queue-under-test';

/** Both `find` and `reserve` must return a payload as it was put. */
async function comeBack(queue: QueueUnderTest, ...payloads: readonly string[]): Promise<void> {
  const ids = await queue.put(...payloads.map((payload) => ({ payload })));
  const found = await Promise.all(ids.map((id) => queue.backend.inspect.find(id)));
  const jobs = await (await queue.lease()).reserve(payloads.length);
  for (const [index, payload] of payloads.entries()) {
    // Not assert.equal: it would print a megabyte.
    assert.ok(found[index]?.payload === payload, `find changed ${payload.slice(0, 80)}`);
    assert.ok(jobs[index]?.payload === payload, `reserve changed ${payload.slice(0, 80)}`);
  }
}

const MEBIBYTE = 1024 * 1024;

export const payloads: Theme = {
  name: 'payloads',
  cases: {
    'the empty string': (queue) => comeBack(queue, ''),

    'any Unicode, beyond the basic plane too, composed and decomposed': (queue) =>
      comeBack(
        queue,
        '"äöüßЖ中文한국어עברית"',
        '"😀👩‍👩‍👧‍👦𝒳🇪🇺"',
        '"\u00e9"',
        '"e\u0301"',
        '"\ufeff\u200b\u2028\u2029"',
      ),

    'quotes, backslashes and what SQL gives a meaning': (queue) =>
      comeBack(
        queue,
        '"it\'s"',
        "''; drop table job_queue_jobs; --",
        '"a\\"b\\\\c\\u0000\\ud83d"',
        '\\',
        '"100 % _ ? ?? $1 $$ :name @p @@x {} `x` #"',
        '/* */ -- \\G ;',
      ),

    'line breaks, tabs and spaces at either end': (queue) =>
      comeBack(queue, '\r\n', ' \t"a"\t ', 'a\r\nb\nc\rd', '0 0 60 2\r\n[]\r\nquit\r\n'),

    'text that looks like a number, a date or nothing stays text': (queue) =>
      comeBack(
        queue,
        '007',
        '1e3',
        '1.50',
        '12345678901234567890',
        'null',
        'true',
        '2024-02-30',
        '-0',
        'NaN',
      ),

    'deep and wide JSON, keys in their order': (queue) =>
      comeBack(
        queue,
        `${'[{"a":'.repeat(400)}null${'}]'.repeat(400)}`,
        JSON.stringify(Array.from({ length: 5000 }, (_, index) => ({ index, text: `item ${index}` }))),
        '{"b":1,"a":2,"b":3,"space" : 1.0}',
      ),

    'a mebibyte': (queue) => comeBack(queue, 'x'.repeat(MEBIBYTE)),

    // Two bytes each in UTF-8: a limit or a length counted in characters shows here.
    'a mebibyte of other letters': (queue) => comeBack(queue, 'ж'.repeat(MEBIBYTE / 2)),

    'large ones among small ones, in one call': (queue) =>
      comeBack(queue, '1', 'y'.repeat(200_000), '', 'ж'.repeat(100_000), '2'),
  },
};
