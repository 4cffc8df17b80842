// From a notebook's text to its cells. The text is cut at every line that looks like a marker, and each piece
// is parsed by itself: where all pieces parse, all markers stand at the top level. A piece that ends inside a
// template string, comment or bracket goes on behind the marker if the parser finds the end of it there;
// otherwise the cell is broken, and the others are not. Pieces are kept by their text: a keystroke in one cell
// parses one cell.

import { basename } from 'node:path';
import { findMarkers, type Marker, notebookOptions } from './cell-markers.ts';
import { checkNames } from './check-names.ts';
import { type Diagnostic, problemAt } from './diagnostics.ts';
import type { Cell, Notebook, Statement } from './notebook.ts';
import { type CellSyntax, parseCell, type SyntaxProblem } from './parse-cell.ts';

/** Parses versions of a notebook, one after another; what did not change is not parsed again. */
export class NotebookParser {
  #known: ReadonlyMap<string, KnownPiece> = new Map();
  #seen = new Map<string, KnownPiece>();

  /** @param path Absolute; `source` is the file's text, with or without a byte order mark. */
  parse(path: string, source: string): Notebook {
    const name = basename(path);
    this.#seen = new Map();
    const pieces = this.#cut(source.startsWith('\ufeff') ? source.slice(1) : source);
    const cells = pieces.map((piece, index) => this.#cellOf(piece, index, pieces, name));
    // What the last version had and this one has not is forgotten.
    this.#known = this.#seen;
    return { path, name, cells: checkNames(name, cells) };
  }

  #cut(text: string): Piece[] {
    const markers = findMarkers(text);
    const pieces: Piece[] = [];
    for (let at = -1; at < markers.length; ) {
      const marker = markers[at];
      const start = marker?.end ?? 0;
      const next = this.#endOfPiece(text, start, markers, at + 1);
      const piece = { marker, text: text.slice(start, markers[next]?.start) };
      const isBlankStart = marker === undefined && markers.length > 0 && piece.text.trim() === '';
      if (!isBlankStart) pieces.push(piece);
      at = next;
    }
    return pieces;
  }

  /** The marker, by its place in the list, that ends the piece which begins at `start`. */
  #endOfPiece(text: string, start: number, markers: readonly Marker[], next: number): number {
    let { state } = this.#read(text.slice(start, markers[next]?.start)).syntax;
    if (state === 'complete' || state === 'broken') return next;
    for (let marker = next; marker < markers.length; marker++) {
      const end = markers[marker + 1]?.start;
      // Code that closes a bracket cannot stand alone: what can is a cell, and half an expression does not
      // swallow it while it is being written.
      const alone = this.#read(text.slice(markers[marker]?.end, end)).syntax;
      if (state === 'in-code' && alone.state === 'complete') continue;
      ({ state } = this.#read(text.slice(start, end)).syntax);
      if (state === 'complete') return marker + 1;
      if (state === 'broken') break;
    }
    return next;
  }

  #read(text: string): KnownPiece {
    const known = this.#seen.get(text) ?? this.#known.get(text) ?? { syntax: parseCell(text) };
    this.#seen.set(text, known);
    return known;
  }

  #cellOf(piece: Piece, index: number, all: readonly Piece[], name: string): Cell {
    const { marker, text } = piece;
    const firstLine = (marker?.line ?? 0) + 1;
    const lines = linesOf(text);
    const known = this.#read(text);
    const kind = kindOf(piece, all);
    const statements = kind === 'markdown' ? [] : statementsAt(known, firstLine);
    const problems = [...known.syntax.problems, ...codeInMarkdown(kind, known.syntax)];
    return {
      index,
      title: marker === undefined ? name : marker.title || `cell ${ordinal(index, all)}`,
      kind,
      options: marker?.options ?? notebookOptions(text),
      lines,
      firstLine,
      text,
      statements,
      lastExpression: lastExpression(statements),
      isLibrary: known.syntax.state === 'complete' && statements.every(onlyDeclares),
      problems: problems.map((problem) => inNotebook(problem, name, lines, firstLine)),
    };
  }
}

/** A marker and what follows it; the text before the first marker has none. */
interface Piece {
  readonly marker: Marker | undefined;
  readonly text: string;
}

interface KnownPiece {
  readonly syntax: CellSyntax;
  /** Its statements where they stood last. */
  placed?: { readonly firstLine: number; readonly statements: readonly Statement[] };
}

function kindOf(piece: Piece, all: readonly Piece[]): Cell['kind'] {
  if (piece.marker === undefined) return all.length > 1 ? 'preamble' : 'code';
  return piece.marker.isMarkdown ? 'markdown' : 'code';
}

/** Cells count from 1; the preamble is none. */
const ordinal = (index: number, all: readonly Piece[]): number =>
  all[0]?.marker === undefined ? index : index + 1;

function statementsAt(known: KnownPiece, firstLine: number): readonly Statement[] {
  if (known.placed?.firstLine !== firstLine) {
    const statements = known.syntax.statements.map((s) => moved(s, firstLine - 1));
    known.placed = { firstLine, statements };
  }
  return known.placed.statements;
}

function moved(statement: Statement, by: number): Statement {
  const range = <T extends { from: number; to: number }>(part: T): T => ({
    ...part,
    from: part.from + by,
    to: part.to + by,
  });
  const place = <T extends { line: number }>(part: T): T => ({ ...part, line: part.line + by });
  return {
    ...range(statement),
    declarations: statement.declarations.map((declaration) => ({
      ...range(declaration),
      names: declaration.names.map(place),
    })),
    uses: statement.uses.map(place),
  };
}

function lastExpression(statements: readonly Statement[]): Statement | undefined {
  const last = statements.at(-1);
  return last?.kind === 'expression' && last.role !== 'configures' ? last : undefined;
}

const onlyDeclares = ({ kind, role }: Statement): boolean =>
  kind === 'import' || kind === 'declaration' || role === 'configures' || role === 'exports';

function codeInMarkdown(kind: Cell['kind'], syntax: CellSyntax): readonly SyntaxProblem[] {
  const first = syntax.statements[0];
  if (kind !== 'markdown' || first === undefined) return [];
  const message = 'a [markdown] cell holds text in comments, and no code';
  return [{ message, line: first.from, column: 1 }];
}

const inNotebook = (
  { message, line, column }: SyntaxProblem,
  name: string,
  lines: readonly string[],
  firstLine: number,
): Diagnostic => problemAt(name, message, { line: line + firstLine - 1, column }, lines, firstLine);

/** Without line ends; a newline at the very end begins no further line. */
function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
