// One line of text with a cursor, as the command line, the filter and the palette have it. Positions count
// UTF-16 units and never stand inside a surrogate pair.

export interface Line {
  readonly text: string;
  readonly cursor: number;
}

export const EMPTY_LINE: Line = { text: '', cursor: 0 };

export function lineOf(text: string): Line {
  return { text, cursor: text.length };
}

/** What a key does to the line; undefined where it does nothing. */
export function editLine(line: Line, key: string): Line | undefined {
  const { text, cursor } = line;
  switch (key) {
    case 'left':
    case 'ctrl+b':
      return { text, cursor: before(text, cursor) };
    case 'right':
    case 'ctrl+f':
      return { text, cursor: after(text, cursor) };
    case 'home':
    case 'ctrl+a':
      return { text, cursor: 0 };
    case 'end':
    case 'ctrl+e':
      return { text, cursor: text.length };
    case 'backspace':
      return remove(line, before(text, cursor), cursor);
    case 'delete':
      return remove(line, cursor, after(text, cursor));
    case 'ctrl+u':
      return remove(line, 0, cursor);
    case 'ctrl+k':
      return remove(line, cursor, text.length);
    case 'ctrl+w':
      return remove(line, text.slice(0, cursor).search(/\S*\s*$/), cursor);
    default:
      return undefined;
  }
}

/** Line breaks in what is pasted become blanks. */
export function insertText({ text, cursor }: Line, added: string): Line {
  const flat = added.replace(/[\r\n\t]+/g, ' ');
  return { text: text.slice(0, cursor) + flat + text.slice(cursor), cursor: cursor + flat.length };
}

function remove({ text }: Line, from: number, to: number): Line {
  return { text: text.slice(0, from) + text.slice(to), cursor: from };
}

function before(text: string, cursor: number): number {
  const previous = [...text.slice(0, cursor)].at(-1);
  return cursor - (previous?.length ?? 0);
}

function after(text: string, cursor: number): number {
  const [next] = text.slice(cursor);
  return cursor + (next?.length ?? 0);
}
