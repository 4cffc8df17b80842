// What came from outside (a record, a name, an error, a remote cluster) as text that a terminal can only
// show: whatever could move the cursor, hide, reorder or disguise text becomes visible, `\u{1b}`. Applying
// it twice changes nothing, so every gate on the way to the screen may apply it again.

/** Marks that one character may carry; Vietnamese and Hebrew need two. */
const MARKS_MAX = 2;

const ORDINARY = /^[\x20-\x7e]*$/;

// In this order: what is invisible or commands; marks without a character below them; too many marks.
const SUSPECT =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\p{Default_Ignorable_Code_Point}]|^[\p{Mn}\p{Me}]+|[\p{Mn}\p{Me}]{3,}/gu;

const TOO_MANY_MARKS = /^[\p{Mn}\p{Me}]{3,}$/u;
const IGNORABLE = /^\p{Default_Ignorable_Code_Point}$/u;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Holds no control, format, bidirectional or invisible character afterwards; may be longer. */
export function escapeUntrusted(text: string): string {
  return ORDINARY.test(text) ? text : text.replace(SUSPECT, visible);
}

function visible(found: string, position: number): string {
  if (position > 0 && TOO_MANY_MARKS.test(found)) return `${shownMarks(found)}…`;
  // Emoji and text presentation: they only choose between two pictures of the character before them.
  if (found === '\ufe0e' || found === '\ufe0f') return '';
  return NAMED[found] ?? [...found].map(codePointName).join('');
}

/** Invisible ones among them do not count: they are left out. */
const shownMarks = (marks: string): string =>
  [...marks]
    .filter((mark) => !IGNORABLE.test(mark))
    .slice(0, MARKS_MAX)
    .join('');

function codePointName(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Tabs as blanks up to the next multiple of `size`, as an editor shows source lines. */
export function expandTabs(line: string, size = 2): string {
  const [first = '', ...rest] = line.split('\t');
  return rest.reduce((out, part) => out + ' '.repeat(size - (out.length % size)) + part, first);
}
