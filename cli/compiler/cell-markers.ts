// The lines that may begin a cell: `// %% Title key="value"`, `// %% [markdown]`. A line that looks like one
// is only a candidate: whether it stands inside a template string, a comment or a statement is the parser's
// to say (parse-notebook.ts). Also the notebook's own options, in the comments that open the file.

export interface Marker {
  /** Offset of the marker's line, and of the line after it. */
  readonly start: number;
  readonly end: number;
  /** From 1. */
  readonly line: number;
  /** Empty when the marker says none. */
  readonly title: string;
  readonly isMarkdown: boolean;
  readonly options: Readonly<Record<string, string>>;
}

const MARKER = /^\/\/[ \t]*%%(?:[ \t]+(.*))?$/;
const MARKDOWN = /^\[(?:markdown|md)\](?:\s+|$)|(?:^|\s+)\[(?:markdown|md)\]$/;
const LAST_OPTION = /(?:^|\s)([A-Za-z][\w.-]*)="([^"]*)"\s*$/;

/** In the order of the file. Markers stand at the very beginning of their line. */
export function findMarkers(text: string): readonly Marker[] {
  const markers: Marker[] = [];
  let start = 0;
  for (let line = 1; start < text.length; line++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline + 1;
    if (text.startsWith('//', start)) {
      const match = MARKER.exec(text.slice(start, end).trimEnd());
      if (match !== null) markers.push({ start, end, line, ...readTitle(match[1] ?? '') });
    }
    start = end;
  }
  return markers;
}

function readTitle(text: string): Pick<Marker, 'title' | 'isMarkdown' | 'options'> {
  const { rest, options } = takeOptions(text);
  const title = rest.replace(MARKDOWN, '').trim();
  return { title, isMarkdown: MARKDOWN.test(rest), options };
}

function takeOptions(text: string): { rest: string; options: Record<string, string> } {
  const found: [string, string][] = [];
  let rest = text.trim();
  for (let match = LAST_OPTION.exec(rest); match !== null; match = LAST_OPTION.exec(rest)) {
    found.unshift([match[1] ?? '', match[2] ?? '']);
    rest = rest.slice(0, match.index).trim();
  }
  return { rest, options: Object.fromEntries(found) };
}

/** Lines of the first comment block that are nothing but options: `// parallelism.default="4"`. */
export function notebookOptions(text: string): Readonly<Record<string, string>> {
  const options: Record<string, string> = {};
  for (const line of text.trimStart().split('\n')) {
    if (line.startsWith('#!')) continue;
    if (!line.startsWith('//')) break;
    const { rest, options: found } = takeOptions(line.slice(2));
    if (rest === '') Object.assign(options, found);
  }
  return options;
}
