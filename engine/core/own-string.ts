// Strings that are to be kept. One that was cut out of a frame may be a slice, which keeps all strings of its
// column alive with it: 15 kB for a key of 20 characters. What state keeps is therefore copied: keys always,
// texts in values once something in this thread hands out texts that are cut, or that programs cut.

/** From this length on, V8 may represent a substring as a slice of its origin. */
const SLICE_LENGTH_MIN = 13;

/** Node's Buffer with the fast methods that its types leave out. */
const scratch = Buffer.allocUnsafe(3 * 1_024) as Buffer & {
  utf8Write(text: string, offset: number, length: number): number;
  latin1Slice(start: number, end: number): string;
};

let areSlicesExpected = false;

/** From now on texts in this thread may be parts of longer ones, which nobody wants to keep. */
export function expectSlices(): void {
  areSlicesExpected = true;
}

/** For texts in values: the string itself while none is cut, else `ownString`. */
export function ownText(text: string): string {
  return areSlicesExpected ? ownString(text) : text;
}

/** An equal string that keeps nothing else alive; 80 ns where it has to be copied. */
export function ownString(text: string): string {
  const { length } = text;
  if (length < SLICE_LENGTH_MIN) return text;
  if (length * 3 <= scratch.length && scratch.utf8Write(text, 0, length * 3) === length)
    return scratch.latin1Slice(0, length);
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
