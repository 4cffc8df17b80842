// The bytes below every format: what a writer wrote a reader reads, and never a byte beyond the end.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader, ByteWriter, CorruptData } from '../../engine/core/byte-buffer.ts';

type Field =
  | { readonly kind: 'byte' | 'u32' | 'varint' | 'f64'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array };

const field: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ kind: fc.constant('byte' as const), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('u32' as const), value: fc.nat(0xffff_ffff) }),
  fc.record({ kind: fc.constant('varint' as const), value: fc.maxSafeNat() }),
  fc.record({ kind: fc.constant('f64' as const), value: fc.double() }),
  fc.record({
    kind: fc.constant('string' as const),
    value: fc.string({ unit: 'binary', maxLength: 60 }),
  }),
  fc.record({ kind: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 300 }) }),
);

function write(out: ByteWriter, { kind, value }: Field): void {
  if (kind === 'string') out.string(value);
  else if (kind === 'bytes') {
    out.varint(value.length);
    out.bytes(value);
  } else out[kind](value);
}

function read(input: ByteReader, kind: Field['kind']): unknown {
  return kind === 'bytes' ? input.bytes(input.varint()) : input[kind]();
}

test('fields come back in their order, in a buffer of any first size', () => {
  fc.assert(
    fc.property(fc.array(field), fc.nat(16), (fields, capacity) => {
      const out = new ByteWriter(capacity);
      for (const one of fields) write(out, one);
      const input = new ByteReader(out.toBytes());
      expect(fields.map(({ kind }) => read(input, kind))).toStrictEqual(fields.map((f) => f.value));
      expect(input.remaining).toBe(0);
      expect(input.position).toBe(out.length);
    }),
  );
});

test('cut anywhere, what is whole is read and the rest is CorruptData', () => {
  fc.assert(
    fc.property(field, fc.nat(), (one, cut) => {
      const out = new ByteWriter();
      write(out, one);
      const whole = out.toBytes();
      const input = new ByteReader(whole.subarray(0, cut % whole.length));
      expect(() => read(input, one.kind)).toThrow(CorruptData);
    }),
  );
});

test('an integer that does not end is CorruptData', () => {
  expect(() => new ByteReader(new Uint8Array(20).fill(0xff)).varint()).toThrow(CorruptData);
});

test('what was written before can be changed, and what was written last be taken back', () => {
  const out = new ByteWriter(2);
  out.u32(0);
  out.string('kept');
  const { length } = out;
  out.bytes(new Uint8Array(1_000));
  out.truncate(length);
  out.setU32(0, 7);
  const input = new ByteReader(out.view());
  expect([input.u32(), input.string(), input.remaining]).toEqual([7, 'kept', 0]);
});

test('bytes that were read are a copy: they hold nothing of their input', () => {
  const source = Uint8Array.of(1, 2, 3, 4);
  const copy = new ByteReader(source).bytes(2);
  source[0] = 9;
  expect([...copy]).toEqual([1, 2]);
  expect(copy.buffer.byteLength).toBe(2);
});
