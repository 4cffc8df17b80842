// The one rule of the API that its types cannot carry: a function that is called with each record answers at
// once. (A type that refuses promises would also refuse every function that is generic in its result.) The
// program refuses async functions when it runs; here they are found before, and those that only return one.

import type { CallExpression, Expression, Node, Program, SourceFile, Type } from 'typescript';
import { sluiceTypesFolder, typescript as ts } from './installation.ts';

export interface PromiseGiven {
  readonly file: SourceFile;
  /** The argument, in the file's text. */
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

/** A function of a sink may take its time: the sink waits for it. */
const MAY_WAIT = new Set(['sinkTo']);

export function promisesIn(file: SourceFile, program: Program): readonly PromiseGiven[] {
  const found: PromiseGiven[] = [];
  const visit = (node: Node): void => {
    const known = found.length;
    ts.forEachChild(node, visit);
    // What follows on a stream of promises is wrong too, and says nothing new.
    if (ts.isCallExpression(node) && found.length === known)
      found.push(...promisesGiven(node, file, program));
  };
  visit(file);
  return found;
}

function promisesGiven(
  call: CallExpression,
  file: SourceFile,
  program: Program,
): readonly PromiseGiven[] {
  const given = call.arguments.filter((argument) => givesPromise(argument, program));
  const method = given.length === 0 ? undefined : methodOfSluice(call, program);
  if (method === undefined || MAY_WAIT.has(method)) return [];
  const message = `${method} does not wait for promises: await what you need at the top level of a cell, and give a plain function`;
  return given.map((argument) => ({
    file,
    start: argument.getStart(file),
    end: argument.end,
    message,
  }));
}

function givesPromise(argument: Expression, program: Program): boolean {
  const checker = program.getTypeChecker();
  const type = checker.getTypeAtLocation(argument);
  const members = ts.isObjectLiteralExpression(argument)
    ? type.getProperties().map((property) => checker.getTypeOfSymbol(property))
    : [];
  return [type, ...members].some((one) =>
    one.getCallSignatures().some((signature) => isPromise(signature.getReturnType())),
  );
}

const isPromise = (type: Type): boolean =>
  type.isUnion() ? type.types.some(isPromise) : type.getSymbol()?.name === 'Promise';

function methodOfSluice(call: CallExpression, program: Program): string | undefined {
  const declaration = program.getTypeChecker().getResolvedSignature(call)?.getDeclaration();
  const isOurs = declaration?.getSourceFile().fileName.startsWith(sluiceTypesFolder()) === true;
  if (!isOurs) return undefined;
  const { expression } = call;
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text;
  return ts.isIdentifier(expression) ? expression.text : undefined;
}
