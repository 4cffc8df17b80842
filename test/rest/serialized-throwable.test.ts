import fc from 'fast-check';
import { expect, test } from 'vitest';
import { serializedThrowable } from '../../engine/rest/serialized-throwable.ts';

/** The descriptions of the classes, as a real Flink 2.2.0 has serialized them. */
const RECORDED = Buffer.from(
  'rO0ABXNyAClvcmcuYXBhY2hlLmZsaW5rLnV0aWwuU2VyaWFsaXplZFRocm93YWJsZWUWnfUfpxPzAgADTAAZZnVsbFN0cmluZ2lmaWVkU3RhY2tUcmFjZXQAEkxqYXZhL2xhbmcvU3RyaW5nO0wAFm9yaWdpbmFsRXJyb3JDbGFzc05hbWVxAH4AAVsAE3NlcmlhbGl6ZWRFeGNlcHRpb250AAJbQnhyABNqYXZhLmxhbmcuRXhjZXB0aW9u0P0fPho7HMQCAAB4cgATamF2YS5sYW5nLlRocm93YWJsZdXGNSc5d7jLAwAETAAFY2F1c2V0ABVMamF2YS9sYW5nL1Rocm93YWJsZTtMAA1kZXRhaWxNZXNzYWdlcQB+AAFbAApzdGFja1RyYWNldAAeW0xqYXZhL2xhbmcvU3RhY2tUcmFjZUVsZW1lbnQ7TAAUc3VwcHJlc3NlZEV4Y2VwdGlvbnN0ABBMamF2YS91dGlsL0xpc3Q7eHA=',
  'base64',
);

const streamOf = (name: string, message: string, text: string): Buffer =>
  Buffer.from(serializedThrowable(name, message, text), 'base64');

/** A string as the stream has it: its length in bytes, then they. */
const stringAt = (stream: Buffer, at: number): { readonly text: string; readonly end: number } => {
  const length = stream.readUInt16BE(at + 1);
  expect(stream[at]).toBe(0x74);
  return { text: stream.toString('utf8', at + 3, at + 3 + length), end: at + 3 + length };
};

test('its classes are described as Flink describes them, byte by byte', () => {
  expect(streamOf('E', 'm', 't').subarray(0, RECORDED.length)).toEqual(RECORDED);
});

test('it carries name, message and text, whatever they are', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 300 });
  fc.assert(
    fc.property(texts, texts, texts, (name, message, text) => {
      const stream = streamOf(name, message, text);
      const first = stringAt(stream, RECORDED.length + 1);
      const frames = stream.indexOf('java.lang.StackTraceElement;', first.end);
      const second = stringAt(stream, frames + 28 + 19);
      const third = stringAt(stream, second.end);
      const java = (of: string): string =>
        of.replace(/[\0\u{10000}-\u{10ffff}]|\p{Surrogate}/gu, '?');
      expect([third.text, first.text, second.text]).toEqual([name, message, text].map(java));
      expect(stream.length).toBe(third.end + 1);
    }),
  );
});

test('of a text that is too long for it, the beginning is there', () => {
  const stream = streamOf('E', 'm', `${'x'.repeat(65_534)}é and more`);
  expect(stream.includes('x'.repeat(65_534))).toBe(true);
  expect(stream.includes('and more')).toBe(false);
});
