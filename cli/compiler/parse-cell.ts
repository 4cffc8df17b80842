// The syntax of one cell: its top-level statements with the names they declare and use, or what is wrong
// with it. Lines count from the beginning of the cell's text, so that the result holds wherever the cell
// stands in its notebook (parse-notebook.ts puts it in place and keeps it until the text changes).

import { type ParseError, parse } from '@babel/parser';
import { type FoundName, namesOf, type StatementNames } from './free-names.ts';
import type { Declaration, DeclaredName, NameUse, Statement, StatementRole } from './notebook.ts';
import { isNode, nodesOf, type SyntaxNode } from './syntax-node.ts';

export interface CellSyntax {
  readonly statements: readonly Statement[];
  readonly problems: readonly SyntaxProblem[];
  /**
   * `complete`: it has a syntax tree, if with problems. `in-text`: it ends inside a template string or a
   * comment, `in-code`: inside a bracket or an expression, and may go on in what follows. `broken`: it does
   * not parse, whatever follows.
   */
  readonly state: 'complete' | 'in-text' | 'in-code' | 'broken';
}

export interface SyntaxProblem {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

export function parseCell(text: string): CellSyntax {
  const places = new Places(text);
  const parsed = tryParse(text);
  const problems = parsed.errors.map((error) => problemOf(error, text, places));
  const state = stateOf(parsed, text);
  if (parsed.program === undefined) return { statements: [], problems, state };
  const nodes = [...nodesOf(parsed.program.directives), ...nodesOf(parsed.program.body)];
  const statements = nodes
    .filter((node) => node.type !== 'EmptyStatement')
    .map((node) => statementOf(node, places));
  return { statements, problems, state };
}

interface Parsed {
  /** Undefined when the text does not parse at all. */
  readonly program: SyntaxNode | undefined;
  readonly errors: readonly ParseError[];
}

function tryParse(text: string): Parsed {
  try {
    const file = parse(text, {
      sourceType: 'module',
      plugins: ['typescript', 'decorators', 'decoratorAutoAccessors'],
      errorRecovery: true,
      attachComment: false,
      // The other cells' names are not known here.
      allowUndeclaredExports: true,
    });
    // Babel's tree is read as plain nodes: names need no more than that.
    return { program: file.program as unknown as SyntaxNode, errors: file.errors ?? [] };
  } catch (error) {
    if (!(error instanceof SyntaxError) || !('reasonCode' in error)) throw error;
    return { program: undefined, errors: [error as ParseError] };
  }
}

function stateOf({ program, errors: [error] }: Parsed, text: string): CellSyntax['state'] {
  if (program !== undefined || error === undefined) return 'complete';
  const { reasonCode, pos } = error;
  if (reasonCode === 'UnterminatedTemplate' || reasonCode === 'UnterminatedComment')
    return 'in-text';
  return pos >= text.length ? 'in-code' : 'broken';
}

function problemOf(error: ParseError, text: string, places: Places): SyntaxProblem {
  if (error.pos < text.length) {
    return { message: cleanParserMessage(error.message), ...places.of(error.pos) };
  }
  const message = 'the cell ends in the middle of a statement: something in it is not closed';
  return { message, ...places.of(text.trimEnd().length) };
}

/** Babel ends each message with the place, which its reader sees anyway. */
const cleanParserMessage = (message: string): string =>
  message.replace(/ ?\(\d+:\d+\)$/, '').replace(/\.$/, '');

function statementOf(node: SyntaxNode, places: Places): Statement {
  const names = namesOf(node);
  return {
    kind: kindOf(node),
    start: node.start,
    end: node.end,
    from: places.lineOf(node.start),
    to: places.lineOf(node.end),
    declarations: declarationsOf(node, names.declared, places),
    uses: firstUses(names.used, places),
    role: roleOf(node),
  };
}

const DECLARATIONS = new Set([
  'VariableDeclaration',
  'FunctionDeclaration',
  'ClassDeclaration',
  'TSDeclareFunction',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSEnumDeclaration',
  'TSModuleDeclaration',
  'TSImportEqualsDeclaration',
]);

function kindOf(node: SyntaxNode): Statement['kind'] {
  if (node.type === 'ImportDeclaration') return 'import';
  if (node.type === 'ExpressionStatement' || node.type === 'Directive') return 'expression';
  return DECLARATIONS.has(inExport(node).type) ? 'declaration' : 'other';
}

/** What is exported, or the node itself. */
function inExport(node: SyntaxNode): SyntaxNode {
  const inner = node.type.startsWith('Export') ? node.declaration : undefined;
  return isNode(inner) ? inner : node;
}

function declarationsOf(
  node: SyntaxNode,
  declared: readonly FoundName[],
  places: Places,
): readonly Declaration[] {
  const isExported = node.type === 'ExportNamedDeclaration';
  const inner = inExport(node);
  const parts = inner.type === 'VariableDeclaration' ? nodesOf(inner.declarations) : [node];
  const declarations = parts.map(({ start, end }) => ({
    from: places.lineOf(start),
    to: places.lineOf(end),
    column: places.of(start).column,
    names: declared
      .filter((name) => name.at >= start && name.at < end)
      .map(
        ({ name, at, isType }): DeclaredName => ({ name, isType, isExported, ...places.of(at) }),
      ),
  }));
  return declarations.filter((declaration) => declaration.names.length > 0);
}

function firstUses(used: StatementNames['used'], places: Places): readonly NameUse[] {
  const first = new Map<string, NameUse>();
  for (const { name, at, isType, isWrite } of used) {
    const way = `${name} ${isType} ${isWrite}`;
    if (!first.has(way)) first.set(way, { name, isType, isWrite, ...places.of(at) });
  }
  return [...first.values()];
}

function roleOf(node: SyntaxNode): StatementRole {
  switch (node.type) {
    case 'ExpressionStatement':
      return roleOfExpression(node.expression);
    case 'ImportDeclaration':
      return nodesOf(node.specifiers).length === 0 ? 'side-effects' : 'none';
    case 'ExportNamedDeclaration':
      return isNode(node.declaration) || isNode(node.source) ? 'none' : 'exports';
    default:
      return 'none';
  }
}

function roleOfExpression(expression: unknown): StatementRole {
  if (!isNode(expression)) return 'none';
  switch (expression.type) {
    case 'AwaitExpression':
      return roleOfExpression(expression.argument);
    case 'AssignmentExpression':
    case 'UpdateExpression':
      return 'assigns';
    case 'CallExpression':
      return isConfigure(expression.callee) ? 'configures' : 'none';
    default:
      return 'none';
  }
}

function isConfigure(callee: unknown): boolean {
  if (!isNode(callee) || callee.type !== 'MemberExpression') return false;
  const { property, computed } = callee;
  return isNode(property) && property.name === 'configure' && computed === false;
}

/** Offsets as lines and columns, from 1. */
class Places {
  readonly #starts: readonly number[];

  constructor(text: string) {
    const starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#starts = starts;
  }

  lineOf(offset: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  of(offset: number): { readonly line: number; readonly column: number } {
    const line = this.lineOf(offset);
    return { line, column: offset - (this.#starts[line - 1] ?? 0) + 1 };
  }
}
