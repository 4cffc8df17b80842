// Which names a statement declares at the top level of its cell, and which it uses from outside its own
// scopes. One walk over Babel's tree opens scopes, enters bindings into them and collects uses; at the end a
// use that no inner scope binds is the cell's. Types and values share scopes: where a parameter hides a type
// of the same name, a use is missed, never invented.

import {
  firstName,
  type Identifier,
  isErased,
  isIdentifier,
  isNode,
  nodesOf,
  partsOfPattern,
  type SyntaxNode,
} from './syntax-node.ts';

export interface FoundName {
  readonly name: string;
  /** Offset in the text that was parsed. */
  readonly at: number;
  readonly isType: boolean;
}

interface FoundUse extends FoundName {
  readonly isWrite: boolean;
}

export interface StatementNames {
  readonly declared: readonly FoundName[];
  readonly used: readonly FoundUse[];
}

/** The names of one top-level statement. */
export function namesOf(statement: SyntaxNode): StatementNames {
  const walk = new NameWalk();
  walk.visit(statement, walk.top);
  return { declared: walk.declared, used: walk.freeUses() };
}

/** Where the walk stands. Inside a type, uses and bindings leave nothing behind at run time. */
interface Place {
  readonly scope: Scope;
  readonly inType: boolean;
}

interface Scope {
  /** Undefined for the cell's top level. */
  readonly parent: Scope | undefined;
  readonly names: Set<string>;
  /** `var` ends up here. */
  readonly isFunction: boolean;
}

class NameWalk {
  readonly top: Place = {
    scope: { parent: undefined, names: new Set(), isFunction: true },
    inType: false,
  };
  readonly declared: FoundName[] = [];
  readonly #uses: { readonly use: FoundUse; readonly scope: Scope }[] = [];

  freeUses(): FoundUse[] {
    return this.#uses.filter(({ use, scope }) => !isBound(use.name, scope)).map(({ use }) => use);
  }

  visit(node: unknown, place: Place): void {
    if (Array.isArray(node)) {
      for (const item of node) this.visit(item, place);
    } else if (isNode(node)) {
      const inner = isErased(node) && !place.inType ? { ...place, inType: true } : place;
      const visitor = VISITORS[node.type];
      if (visitor === undefined) this.visitFields(node, inner);
      else visitor(this, node, inner);
    }
  }

  /** Visits every field but those named. */
  visitFields(node: SyntaxNode, place: Place, ...except: readonly string[]): void {
    for (const [field, value] of Object.entries(node)) {
      if (field !== 'loc' && !except.includes(field)) this.visit(value, place);
    }
  }

  /** Enters the names of a pattern into the scope of `into`; its defaults and types are uses at `place`. */
  bind(pattern: unknown, into: Place, place: Place): void {
    if (!isNode(pattern)) return;
    this.declare(pattern, into);
    this.visit(pattern.typeAnnotation, place);
    for (const part of partsOfPattern(pattern)) {
      if (part.isTarget) this.bind(part.node, into, place);
      else this.visit(part.node, place);
    }
  }

  declare(id: unknown, { scope, inType }: Place): void {
    if (!isIdentifier(id)) return;
    scope.names.add(id.name);
    if (scope === this.top.scope) {
      this.declared.push({ name: id.name, at: id.start, isType: inType });
    }
  }

  use(id: Identifier, { scope, inType }: Place, isWrite = false): void {
    this.#uses.push({ use: { name: id.name, at: id.start, isType: inType, isWrite }, scope });
  }

  /** The left side of an assignment: the names in it are written, what else stands there is read. */
  assign(target: unknown, place: Place): void {
    if (!isNode(target)) return;
    if (isIdentifier(target)) return this.use(target, place, true);
    const parts = partsOfPattern(target);
    if (parts.length === 0) return this.visit(target, place);
    for (const part of parts) {
      if (part.isTarget) this.assign(part.node, place);
      else this.visit(part.node, place);
    }
  }
}

type Visitor = (walk: NameWalk, node: SyntaxNode, place: Place) => void;

const member: Visitor = (walk, node, place) => {
  walk.visit(node.object, place);
  if (node.computed === true) walk.visit(node.property, place);
};

/** A key that is only a name is no use of it. */
const keyed: Visitor = (walk, node, place) =>
  node.computed === true ? walk.visitFields(node, place) : walk.visitFields(node, place, 'key');

const inBlock: Visitor = (walk, node, place) => walk.visitFields(node, within(place, false));

const inFunction: Visitor = (walk, node, place) => {
  const inner = within(place, true);
  if (node.type !== 'ArrowFunctionExpression') inner.scope.names.add('arguments');
  if (node.type === 'FunctionExpression') walk.declare(node.id, inner);
  if (node.computed === true) walk.visit(node.key, place);
  for (const parameter of [...nodesOf(node.params), ...nodesOf(node.parameters)]) {
    walk.bind(parameter, inner, inner);
  }
  walk.visitFields(node, inner, 'id', 'key', 'params', 'parameters', 'decorators');
  walk.visit(node.decorators, place);
};

const declaredFunction: Visitor = (walk, node, place) => {
  walk.declare(node.id, place);
  inFunction(walk, node, place);
};

/** A class, interface, type, enum: a name outside, and type parameters and members inside. */
const declaredWithScope: Visitor = (walk, node, place) => {
  walk.declare(node.id, place);
  walk.visitFields(node, within(place, false), 'id');
};

const classExpression: Visitor = (walk, node, place) => {
  const inner = within(place, false);
  walk.declare(node.id, inner);
  walk.visitFields(node, inner, 'id');
};

const variables: Visitor = (walk, node, place) => {
  const scope = node.kind === 'var' ? functionScope(place.scope) : place.scope;
  for (const declarator of nodesOf(node.declarations)) {
    walk.bind(declarator.id, { ...place, scope }, place);
    walk.visit(declarator.init, place);
  }
};

const forEach: Visitor = (walk, node, place) => {
  const inner = within(place, false);
  const left = node.left;
  if (isNode(left) && left.type === 'VariableDeclaration') walk.visit(left, inner);
  else walk.assign(left, inner);
  walk.visitFields(node, inner, 'left');
};

const caught: Visitor = (walk, node, place) => {
  const inner = within(place, false);
  walk.bind(node.param, inner, inner);
  walk.visitFields(node, inner, 'param');
};

const imported: Visitor = (walk, node, place) => {
  for (const specifier of nodesOf(node.specifiers)) {
    const isType = node.importKind === 'type' || specifier.importKind === 'type';
    walk.declare(specifier.local, { ...place, inType: isType });
  }
};

const exportedNames: Visitor = (walk, node, place) => {
  walk.visit(node.declaration, place);
  const isType = node.exportKind === 'type';
  if (node.source !== null && node.source !== undefined) return;
  for (const specifier of nodesOf(node.specifiers)) {
    walk.visit(specifier.local, { ...place, inType: isType });
  }
};

const VISITORS: Readonly<Record<string, Visitor>> = {
  Identifier: (walk, node, place) => isIdentifier(node) && walk.use(node, place),
  MemberExpression: member,
  OptionalMemberExpression: member,
  ObjectProperty: keyed,
  ClassProperty: keyed,
  ClassAccessorProperty: keyed,
  ClassPrivateProperty: keyed,
  TSPropertySignature: keyed,
  TSEnumMember: (walk, node, place) => {
    walk.declare(node.id, place);
    walk.visit(node.initializer, place);
  },
  MetaProperty: () => undefined,
  PrivateName: () => undefined,
  BreakStatement: () => undefined,
  ContinueStatement: () => undefined,
  LabeledStatement: (walk, node, place) => walk.visit(node.body, place),
  BlockStatement: inBlock,
  StaticBlock: (walk, node, place) => walk.visitFields(node, within(place, true)),
  ForStatement: inBlock,
  ForInStatement: forEach,
  ForOfStatement: forEach,
  SwitchStatement: inBlock,
  CatchClause: caught,
  FunctionDeclaration: declaredFunction,
  TSDeclareFunction: declaredFunction,
  FunctionExpression: inFunction,
  ArrowFunctionExpression: inFunction,
  ObjectMethod: inFunction,
  ClassMethod: inFunction,
  ClassPrivateMethod: inFunction,
  TSDeclareMethod: inFunction,
  TSMethodSignature: inFunction,
  TSCallSignatureDeclaration: inFunction,
  TSConstructSignatureDeclaration: inFunction,
  TSFunctionType: inFunction,
  TSConstructorType: inFunction,
  TSIndexSignature: inFunction,
  ClassDeclaration: declaredWithScope,
  ClassExpression: classExpression,
  VariableDeclaration: variables,
  AssignmentExpression: (walk, node, place) => {
    walk.assign(node.left, place);
    walk.visit(node.right, place);
  },
  UpdateExpression: (walk, node, place) => walk.assign(node.argument, place),
  ImportDeclaration: imported,
  ExportNamedDeclaration: exportedNames,
  ExportAllDeclaration: () => undefined,
  TSImportEqualsDeclaration: (walk, node, place) => {
    walk.declare(node.id, { ...place, inType: node.importKind === 'type' });
    walk.visit(node.moduleReference, place);
  },
  TSInterfaceDeclaration: declaredWithScope,
  TSTypeAliasDeclaration: declaredWithScope,
  TSEnumDeclaration: declaredWithScope,
  TSModuleDeclaration: (walk, node, place) => {
    walk.declare(firstName(node.id), place);
    walk.visit(node.body, place);
  },
  TSModuleBlock: (walk, node, place) => walk.visitFields(node, within(place, true)),
  TSMappedType: (walk, node, place) => {
    const inner = within(place, false);
    walk.declare(node.key, inner);
    walk.visitFields(node, inner, 'key');
  },
  TSConditionalType: inBlock,
  TSTypeParameter: (walk, node, place) => {
    walk.declare(node.name, place);
    walk.visitFields(node, place, 'name');
  },
  TSQualifiedName: (walk, node, place) => walk.visit(node.left, place),
  TSNamedTupleMember: (walk, node, place) => walk.visit(node.elementType, place),
  TSTypePredicate: (walk, node, place) => walk.visit(node.typeAnnotation, place),
  TSImportType: (walk, node, place) => walk.visit(node.typeArguments, place),
};

function isBound(name: string, from: Scope): boolean {
  for (let scope: Scope | undefined = from; scope?.parent !== undefined; scope = scope.parent) {
    if (scope.names.has(name)) return true;
  }
  return false;
}

const within = (place: Place, isFunction: boolean): Place => ({
  ...place,
  scope: { parent: place.scope, names: new Set(), isFunction },
});

function functionScope(scope: Scope): Scope {
  return scope.isFunction || scope.parent === undefined ? scope : functionScope(scope.parent);
}
