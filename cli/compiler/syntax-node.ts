// Babel's tree, read as plain nodes: what names depend on needs no more than a type and a few fields.

/** A node of Babel's tree. The fields that names depend on, by name; what they hold is looked at when read. */
export interface SyntaxNode extends Readonly<Partial<Record<Field, unknown>>> {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

type Field =
  | ('argument' | 'body' | 'callee' | 'computed' | 'declaration' | 'declarations' | 'declare')
  | ('decorators' | 'directives' | 'elements' | 'elementType' | 'exportKind' | 'expression' | 'id')
  | ('importKind' | 'init' | 'initializer' | 'key' | 'kind' | 'left' | 'local' | 'moduleReference')
  | ('name' | 'object' | 'param' | 'parameter' | 'parameters' | 'params' | 'properties')
  | ('property' | 'right' | 'source' | 'specifiers' | 'typeAnnotation' | 'typeArguments' | 'value');

export interface Identifier extends SyntaxNode {
  readonly name: string;
}

export const isIdentifier = (node: unknown): node is Identifier =>
  isNode(node) && node.type === 'Identifier' && typeof node.name === 'string';

export const isNode = (node: unknown): node is SyntaxNode =>
  typeof node === 'object' && node !== null && typeof (node as SyntaxNode).type === 'string';

export const nodesOf = (field: unknown): readonly SyntaxNode[] =>
  Array.isArray(field) ? field.filter(isNode) : [];

/** `N` of `namespace N.Inner`. */
export function firstName(id: unknown): unknown {
  return isNode(id) && id.type === 'TSQualifiedName' ? firstName(id.left) : id;
}

/** Nodes that only TypeScript has and that yet leave something behind. */
const NOT_ERASED = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'TSEnumDeclaration',
  'TSEnumBody',
  'TSEnumMember',
  'TSModuleDeclaration',
  'TSModuleBlock',
  'TSExportAssignment',
  'TSImportEqualsDeclaration',
  'TSExternalModuleReference',
  'TSParameterProperty',
]);

/** TSQualifiedName is a type in a type, and a value in `import a = N.b`: it is what stands around it. */
export const isErased = (node: SyntaxNode): boolean =>
  node.declare === true ||
  (node.type.startsWith('TS') && !NOT_ERASED.has(node.type) && node.type !== 'TSQualifiedName');

export interface PatternPart {
  readonly node: unknown;
  /** Bound or assigned; else a default or a computed key. */
  readonly isTarget: boolean;
}

const target = (node: unknown): PatternPart => ({ node, isTarget: true });
const value = (node: unknown): PatternPart => ({ node, isTarget: false });

/** Empty for what is no pattern. */
export function partsOfPattern(node: SyntaxNode): readonly PatternPart[] {
  switch (node.type) {
    case 'ObjectPattern':
      return nodesOf(node.properties).map(target);
    case 'ObjectProperty':
      return node.computed === true ? [value(node.key), target(node.value)] : [target(node.value)];
    case 'ArrayPattern':
      return nodesOf(node.elements).map(target);
    case 'AssignmentPattern':
      return [target(node.left), value(node.right)];
    case 'RestElement':
      return [target(node.argument)];
    case 'TSParameterProperty':
      return [target(node.parameter)];
    default:
      return [];
  }
}
