// Which fields of a parameter a function can read, by its text. Only what cannot be otherwise counts: members by
// name, and destructuring. Every other use of the parameter (handing it on, spreading it, writing to it, calling
// its methods, `arguments`, code that runs from text) may look at anything, and so does what cannot be parsed.

import { parseExpression } from '@babel/parser';
import type { UserFunction } from '../core/user-function.ts';

/** Names; undefined: any. */
export type Fields = ReadonlySet<string> | undefined;

export const NO_FIELDS: Fields = new Set();

export function unionOf(all: readonly Fields[]): Fields {
  const union = new Set<string>();
  for (const fields of all) {
    if (fields === undefined) return undefined;
    for (const field of fields) union.add(field);
  }
  return union;
}

/** Of the parameter at this index, from 0. */
export function fieldsRead(f: UserFunction, index: number): Fields {
  const made = parsed(Function.prototype.toString.call(f));
  if (made === undefined || made.async === true) return undefined;
  const parameters = nodesOf(made.params);
  if (parameters.slice(0, index + 1).some(({ type }) => type === 'RestElement')) return undefined;
  if (mentions(made, 'arguments') || mentions(made, 'eval')) return undefined;
  const parameter = parameters[index];
  if (parameter === undefined) return NO_FIELDS;
  const binding = isNode(parameter.left) ? parameter.left : parameter; // without its default
  if (binding.type === 'ObjectPattern') return fieldsOfPattern(binding);
  if (binding.type !== 'Identifier') return undefined;
  return unionOf(usesOf(binding, made).map(fieldsOfUse));
}

/** A node of Babel's tree; what its fields hold is looked at when they are read. */
interface Node extends Readonly<Partial<Record<Field, unknown>>> {
  readonly type: string;
}

type Field =
  | ('async' | 'callee' | 'computed' | 'id' | 'init' | 'key' | 'left' | 'name' | 'object')
  | ('operator' | 'params' | 'properties' | 'property' | 'tag' | 'value');

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

const nodesOf = (value: unknown): readonly Node[] =>
  Array.isArray(value) ? value.filter(isNode) : [];

const FUNCTIONS = ['ArrowFunctionExpression', 'FunctionExpression', 'ObjectMethod'];

/** Undefined for what is no function, or has no text: a class, one of Node's, what `bind` made. */
function parsed(text: string): Node | undefined {
  const node = tryParse(`(${text})`) ?? nodesOf(tryParse(`({${text}})`)?.properties)[0];
  return node !== undefined && FUNCTIONS.includes(node.type) ? node : undefined;
}

function tryParse(text: string): Node | undefined {
  try {
    return parseExpression(text) as unknown as Node;
  } catch {
    return undefined;
  }
}

/** A node with those around it, the innermost first. */
interface Place {
  readonly node: Node;
  readonly around: readonly Node[];
}

function* placesIn(node: Node, around: readonly Node[] = []): Generator<Place> {
  yield { node, around };
  const outer = [node, ...around];
  for (const value of Object.values(node)) {
    if (isNode(value)) yield* placesIn(value, outer);
    else for (const one of nodesOf(value)) yield* placesIn(one, outer);
  }
}

function mentions(made: Node, name: string): boolean {
  for (const { node } of placesIn(made))
    if (node.type === 'Identifier' && node.name === name) return true;
  return false;
}

/** Everything of that name: what another variable of the name is used for is taken for the parameter's too. */
function usesOf(binding: Node, made: Node): readonly Place[] {
  return [...placesIn(made)].filter(
    ({ node, around }) =>
      node !== binding &&
      node.type === 'Identifier' &&
      node.name === binding.name &&
      !isName(node, around[0]),
  );
}

/** It stands for itself: `.x`, `x:`. */
const isName = (node: Node, parent: Node | undefined): boolean =>
  parent?.computed === false && (parent.property === node || parent.key === node);

function fieldsOfUse({ node, around }: Place): Fields {
  const [parent, grandparent, outer] = around;
  if (parent === undefined) return undefined;
  if (parent.type === 'VariableDeclarator' && parent.init === node)
    return fieldsOfPattern(parent.id);
  const isMember = parent.type === 'MemberExpression' || parent.type === 'OptionalMemberExpression';
  if (!isMember || parent.object !== node) return undefined;
  if (grandparent === undefined || isCalledOrChanged(parent, grandparent, outer)) return undefined;
  return only(nameOf(parent, parent.property));
}

function fieldsOfPattern(pattern: unknown): Fields {
  if (!isNode(pattern) || pattern.type !== 'ObjectPattern') return undefined;
  return unionOf(
    nodesOf(pattern.properties).map((property) =>
      property.type === 'ObjectProperty' ? only(nameOf(property, property.key)) : undefined,
    ),
  );
}

const only = (name: string | undefined): Fields =>
  name === undefined ? undefined : new Set([name]);

function nameOf({ computed }: Node, name: unknown): string | undefined {
  if (!isNode(name)) return undefined;
  if (name.type === 'Identifier' && computed !== true) return name.name as string;
  const isLiteral = name.type === 'StringLiteral' || name.type === 'NumericLiteral';
  return isLiteral ? String(name.value) : undefined;
}

/** A method gets the whole record as `this`. */
function isCalledOrChanged(member: Node, parent: Node, outer: Node | undefined): boolean {
  switch (parent.type) {
    case 'CallExpression':
    case 'OptionalCallExpression':
      return parent.callee === member;
    case 'TaggedTemplateExpression':
      return parent.tag === member;
    case 'UnaryExpression':
      return parent.operator === 'delete';
    case 'AssignmentExpression':
    case 'AssignmentPattern':
    case 'ForInStatement':
    case 'ForOfStatement':
      return parent.left === member;
    case 'UpdateExpression':
    case 'ArrayPattern':
    case 'RestElement':
      return true;
    case 'ObjectProperty':
      return outer?.type === 'ObjectPattern';
    default:
      return false;
  }
}
