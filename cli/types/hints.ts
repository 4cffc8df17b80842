// What TypeScript does not know of the API: the step that is missing where a method is not there yet, the
// options and values behind the name of a type, what a text that looks like a duration should have been.

import type { Diagnostic, Node, ObjectLiteralExpression, Program } from 'typescript';
import { sluiceTypes, sluiceTypesFolder, typescript as ts } from './installation.ts';

/** What to say in the place of `message`; undefined where that says it all. */
export function hintFor(
  message: string,
  diagnostic: Diagnostic,
  program: Program,
): string | undefined {
  return (
    missingStep(message, program) ??
    missingImport(message) ??
    knownOptions(message, diagnostic, program) ??
    listedValues(message, program) ??
    duration(message, diagnostic)
  );
}

interface Step {
  readonly on: RegExp;
  /** The class that has the method. */
  readonly of: string;
  readonly instead: string;
}

/** The first that fits. */
const STEPS: readonly Step[] = [
  {
    on: /^(?:Data|Operator|Source)Stream$/,
    of: 'KeyedStream',
    instead: 'needs a key: call keyBy(…) before it',
  },
  {
    on: /^(?:Data|Operator|Source|Keyed)Stream$/,
    of: 'WindowedStream',
    instead: 'needs windows: call window(…) before it',
  },
  {
    on: /^WindowedStream$/,
    of: 'OperatorStream',
    instead: 'needs a stream: end the window with aggregate, reduce, process or apply before it',
  },
  {
    on: /^StreamSink$/,
    of: 'KeyedStream',
    instead: 'needs a stream, and a sink gives none: keep the stream in a variable to use it twice',
  },
];

/** What others call our methods. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['groupBy', 'keyBy'],
  ['timeWindow', 'window'],
  ['where', 'filter'],
  ['select', 'map'],
  ['addSink', 'sinkTo'],
  ['forEach', 'sinkTo'],
]);

function missingStep(message: string, program: Program): string | undefined {
  const [, method, type] = /^Property '(\w+)' does not exist on type '(\w+)<?/.exec(message) ?? [];
  if (method === undefined || type === undefined) return undefined;
  const step = STEPS.find(({ on, of }) => on.test(type) && hasMethod(program, of, method));
  if (step !== undefined) return `'${method}' ${step.instead}`;
  const other = OTHER_NAMES.get(method);
  const isMeant = other !== undefined && hasMethod(program, type, other);
  return isMeant ? `Property '${method}' does not exist: did you mean '${other}'?` : undefined;
}

function hasMethod(program: Program, className: string, method: string): boolean {
  const file = program.getSourceFile(sluiceTypes());
  const checker = program.getTypeChecker();
  const module = file === undefined ? undefined : checker.getSymbolAtLocation(file);
  if (module === undefined) return false;
  const exported = checker.getExportsOfModule(module).find(({ name }) => name === className);
  if (exported === undefined) return false;
  const type = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(exported));
  return type.getProperty(method) !== undefined;
}

function missingImport(message: string): string | undefined {
  const [, name] = /^Cannot find name '(.*?)'/.exec(message) ?? [];
  if (name === undefined || !namesOfSluice().has(name)) return undefined;
  return `Cannot find name '${name}': it can be imported from 'sluice'`;
}

let names: ReadonlySet<string> | undefined;

/** Also where the notebook imports nothing of it. */
function namesOfSluice(): ReadonlySet<string> {
  if (names !== undefined) return names;
  const path = sluiceTypes();
  const file = ts.createSourceFile(path, ts.sys.readFile(path) ?? '', ts.ScriptTarget.Latest);
  const found = new Set(['env']);
  for (const statement of file.statements) {
    if (!ts.isExportDeclaration(statement) || statement.exportClause === undefined) continue;
    if (!ts.isNamedExports(statement.exportClause)) continue;
    for (const { name } of statement.exportClause.elements) found.add(name.text);
  }
  names = found;
  return found;
}

/** `GenerateOptions` says nothing; what it has does. */
function knownOptions(
  message: string,
  { file, start }: Diagnostic,
  program: Program,
): string | undefined {
  const [, given] = /^'(\w+)' does not exist in type '\w+(?:<.*>)?'$/.exec(message) ?? [];
  if (given === undefined || file === undefined || start === undefined) return undefined;
  const literal = literalAround(file, start);
  const type = literal && program.getTypeChecker().getContextualType(literal);
  const options = type?.getNonNullableType().getProperties() ?? [];
  if (options.length === 0) return undefined;
  return `there is no option '${given}' here, but '${options.map(({ name }) => name).join("', '")}'`;
}

/** The innermost object that is written there. */
function literalAround(node: Node, at: number): ObjectLiteralExpression | undefined {
  const inside = ts.forEachChild(node, (child) =>
    child.pos <= at && at < child.end ? literalAround(child, at) : undefined,
  );
  return inside ?? (ts.isObjectLiteralExpression(node) ? node : undefined);
}

/** `CsvColumnType` says nothing; the texts that it stands for do. */
function listedValues(message: string, program: Program): string | undefined {
  const [, given, name] =
    /^Type '"(.*)"' is not assignable to type '(\w+)(?: \| undefined)?'$/.exec(message) ?? [];
  if (given === undefined || name === undefined) return undefined;
  for (const file of program.getSourceFiles()) {
    if (!file.fileName.startsWith(sluiceTypesFolder())) continue;
    const alias = file.statements
      .filter(ts.isTypeAliasDeclaration)
      .find((statement) => statement.name.text === name);
    if (alias === undefined) continue;
    const type = program.getTypeChecker().getTypeAtLocation(alias);
    const members = type.isUnion() ? type.types : [];
    const texts = members.flatMap((one) => (one.isStringLiteral() ? [one.value] : []));
    // `int?` is there beside `int`: who reads of one knows the other.
    const listed = texts.filter(
      (text) => !texts.includes(text.replace(/\?$/, '')) || !text.endsWith('?'),
    );
    if (listed.length > 0) return `'${given}' is none of '${listed.toSorted().join("', '")}'`;
  }
  return undefined;
}

const DURATION = /^(?:\w+\s*:\s*)?(['"`])\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*\1/i;
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/^(?:ms|milli.*)$/i, 'milliseconds'],
  [/^(?:s|sec.*)$/i, 'seconds'],
  [/^(?:m|min.*)$/i, 'minutes'],
  [/^(?:h|hours?)$/i, 'hours'],
  [/^(?:d|days?)$/i, 'days'],
];

/** `'5 minutes'`, as configurations have it and Java, where a number is wanted. */
function duration(message: string, { file, start = 0 }: Diagnostic): string | undefined {
  if (!/'string' is not assignable to .*'number'$/.test(message)) return undefined;
  const [, , amount, unit = ''] = DURATION.exec(file?.text.slice(start, start + 80) ?? '') ?? [];
  const [, call] = UNITS.find(([pattern]) => pattern.test(unit)) ?? [];
  return amount === undefined || call === undefined
    ? undefined
    : `a duration is a number of milliseconds: ${call}(${amount})`;
}
