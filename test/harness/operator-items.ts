// What goes into an operator under test and what comes out of it.

export type InputItem =
  | {
      readonly kind: 'record';
      readonly input: 0 | 1;
      readonly value: unknown;
      readonly timeMs: number;
    }
  | { readonly kind: 'watermark'; readonly timeMs: number }
  | { readonly kind: 'processing-time'; readonly timeMs: number };

export type OutputItem =
  | {
      readonly kind: 'record';
      readonly value: unknown;
      readonly timeMs: number;
      /** Of a side output. */
      readonly tag?: string;
    }
  | { readonly kind: 'watermark'; readonly timeMs: number };

export const record = (value: unknown, timeMs = Number.NaN) =>
  ({ kind: 'record', input: 0, value, timeMs }) as const;
export const record2 = (value: unknown, timeMs = Number.NaN) =>
  ({ kind: 'record', input: 1, value, timeMs }) as const;
export const watermark = (timeMs: number) => ({ kind: 'watermark', timeMs }) as const;
export const endOfInput = watermark(Number.POSITIVE_INFINITY);
/** Wall time moves on to this moment; whatever asked to be woken until then is woken at its own. */
export const processingTime = (timeMs: number) => ({ kind: 'processing-time', timeMs }) as const;
export const emitted = (value: unknown, timeMs = Number.NaN): OutputItem => ({
  kind: 'record',
  value,
  timeMs,
});
export const sideEmitted = (tag: string, value: unknown, timeMs = Number.NaN): OutputItem => ({
  kind: 'record',
  value,
  timeMs,
  tag,
});
