import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptData } from '../../engine/core/byte-buffer.ts';
import {
  decodeSubmission,
  encodeSubmission,
  type SubmissionParts,
} from '../../engine/rest/submission-format.ts';

const bytes = fc.uint8Array({ maxLength: 50 });
const submissions: fc.Arbitrary<SubmissionParts> = fc.record({
  header: fc.record({
    configuration: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
    baseDirectory: fc.string({ unit: 'grapheme' }),
    attached: fc.boolean(),
  }),
  bundle: bytes,
  plan: bytes,
  blobs: fc.array(bytes, { maxLength: 4 }),
});

const plain = ({ header, bundle, plan, blobs }: SubmissionParts): unknown => ({
  header,
  parts: [bundle, plan, ...blobs].map((part) => [...part]),
});

describe('a submission', () => {
  test('is what it was before it was sent', () => {
    fc.assert(
      fc.property(submissions, (parts) => {
        expect(plain(decodeSubmission(encodeSubmission(parts)))).toEqual(plain(parts));
      }),
    );
  });

  test('that is cut off anywhere is none', () => {
    fc.assert(
      fc.property(submissions, fc.nat(), (parts, at) => {
        const whole = encodeSubmission(parts);
        const cut = whole.subarray(0, at % whole.length);
        expect(() => decodeSubmission(cut)).toThrow(CorruptData);
      }),
    );
  });

  test('of any other bytes is refused in one way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(() => decodeSubmission(noise)).toThrow(CorruptData);
      }),
    );
  });

  test.each([
    'null',
    '[]',
    '{}',
    '{"lengths":[1]}',
    '{"header":{},"lengths":[-4,4]}',
    '{"header":{},"lengths":[1.5,1]}',
    '{"header":{},"lengths":["1",1]}',
    '{"header":{},"lengths":[1,1]}',
    '{"header":{"configuration":{"a":1},"baseDirectory":"","attached":true},"lengths":[1,1]}',
    '{"header":{"configuration":[],"baseDirectory":"","attached":true},"lengths":[1,1]}',
    '{"header":{"configuration":{},"baseDirectory":1,"attached":true},"lengths":[1,1]}',
    '{"header":{"configuration":{},"baseDirectory":"","attached":"no"},"lengths":[1,1]}',
  ])('whose head is %s is refused', (head) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.byteLength(head));
    const submission = Buffer.concat([length, Buffer.from(head), Buffer.from('bp')]);
    expect(() => decodeSubmission(submission)).toThrow(CorruptData);
  });
});
