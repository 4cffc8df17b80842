// Builds the StreamGraph from what the API tells while a program is evaluated: numbers operators and edges,
// finds where in the notebook each was made and names it after that place, and at the end keeps what leads to
// the sinks of the cell that was asked for. Sinks of other cells are theirs.

import type { NewEdge, NewNode, NodeChange, Recorder } from '../api/recorder.ts';
import { must } from '../core/assert.ts';
import { type BlobKey, blobKeyOf, operatorIdOf } from '../core/ids.ts';
import type { Json } from '../core/json.ts';
import type { Surroundings } from '../core/surroundings.ts';
import type { UserFunction } from '../core/user-function.ts';
import {
  type Collection,
  edgeFunction,
  type NodeId,
  nodeFunction,
  type OperatorKind,
  type Origin,
  type StreamEdge,
  type StreamNode,
} from '../graph/stream-graph.ts';
import type { Bundle } from './bundle.ts';
import { encodeCollection } from './collection.ts';
import { DuplicateUid } from './duplicate-uid.ts';
import type { Program } from './program.ts';

export interface RecorderOptions {
  readonly bundle: Pick<Bundle, 'cell' | 'cells'>;
  readonly surroundings: Pick<Surroundings, 'parameters'>;
  /** Where the caller of the API stands. */
  readonly origin: () => Origin | undefined;
  /** In a slot: what the program found in its collections, in order. Undefined: they are drained. */
  readonly collections?: readonly Collection[] | undefined;
}

type Functions = Readonly<Record<string, UserFunction | object>>;

interface RecordedNode {
  readonly node: StreamNode;
  readonly functions: Functions;
  /** A sink of the cell that was asked for. */
  readonly isWanted: boolean;
}

interface RecordedEdge {
  readonly edge: StreamEdge;
  readonly functions: Functions;
}

export class GraphRecorder implements Recorder {
  readonly #options: RecorderOptions;
  readonly #nodes = new Map<NodeId, RecordedNode>();
  readonly #edges: RecordedEdge[] = [];
  /** Operators of a kind so far, by the declaration they belong to. */
  readonly #ordinals = new Map<string, number>();
  readonly #configuration = new Map<string, string>();
  readonly #parameters = new Map<string, Json>();
  readonly #collections: Collection[] = [];
  readonly #blobs = new Map<BlobKey, Uint8Array>();
  #currentCell: number;
  #jobName: string;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#currentCell = options.bundle.cell.index;
    this.#jobName = options.bundle.cell.title;
  }

  /** The code of this cell begins. */
  enterCell(index: number): void {
    this.#currentCell = index;
  }

  /** Whether the cell that was asked for has attached a sink. */
  get hasSink(): boolean {
    return [...this.#nodes.values()].some(({ isWanted }) => isWanted);
  }

  addNode({ kind, name, params, functions, parallelism, maxParallelism }: NewNode): NodeId {
    const id = this.#nodes.size + 1;
    const origin = this.origin();
    const uid = this.#uidFor(kind, origin);
    const node: StreamNode = {
      id,
      kind,
      name,
      uid,
      operatorId: operatorIdOf(uid),
      params,
      functions: slotsOf(functions),
      chaining: 'always',
      ...(parallelism === undefined ? {} : { parallelism }),
      ...(maxParallelism === undefined ? {} : { maxParallelism }),
      ...(origin === undefined ? {} : { origin }),
    };
    const isWanted = kind === 'sink' && this.#currentCell === this.#options.bundle.cell.index;
    this.#nodes.set(id, { node, functions, isWanted });
    return id;
  }

  addEdge({ functions = {}, ...edge }: NewEdge): void {
    for (const end of [edge.source, edge.target]) this.#recorded(end);
    this.#edges.push({ edge: { id: this.#edges.length + 1, ...edge }, functions });
  }

  change(id: NodeId, { functions, ...change }: NodeChange): void {
    const { node, functions: known, isWanted } = this.#recorded(id);
    const all = { ...known, ...functions };
    const operatorId = operatorIdOf(change.uid ?? node.uid);
    const changed = { ...node, ...change, operatorId, functions: slotsOf(all) };
    this.#nodes.set(id, { node: changed, functions: all, isWanted });
  }

  param(name: string, defaultValue: Json): string | undefined {
    const { parameters } = this.#options.surroundings;
    const given = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    this.#parameters.set(name, given ?? defaultValue);
    return given;
  }

  configure(values: Readonly<Record<string, string>>): void {
    for (const [key, value] of Object.entries(values)) this.#configuration.set(key, value);
  }

  blob(values: Iterable<unknown>): Collection {
    const collection = this.#options.collections?.[this.#collections.length] ?? this.#drain(values);
    this.#collections.push(collection);
    return collection;
  }

  nameJob(name: string): void {
    this.#jobName = name;
  }

  origin(): Origin | undefined {
    const origin = this.#options.origin();
    return origin?.cell === '' ? { ...origin, cell: this.#currentTitle() } : origin;
  }

  /**
   * The job, once the program has ended. Operators keep their numbers, so that some are missing.
   * @param result The value of the cell's last expression.
   * @throws DuplicateUid
   */
  build(result?: unknown): Program {
    const kept = this.#leadingToSinks();
    const nodes = [...this.#nodes.values()].filter(({ node }) => kept.has(node.id));
    const edges = this.#edges.filter(({ edge }) => kept.has(edge.target) && kept.has(edge.source));
    assertUniqueUids(nodes.map(({ node }) => node));
    const collections = this.#collections.length === 0 ? {} : { collections: this.#collections };
    return {
      graph: {
        name: this.#jobName,
        nodes: nodes.map(({ node }) => node),
        edges: edges.map(({ edge }) => edge),
        configuration: Object.fromEntries(this.#configuration),
        parameters: Object.fromEntries(this.#parameters),
        ...collections,
      },
      functions: functionTable(nodes, edges),
      blobs: this.#blobsOf(nodes),
      result,
    };
  }

  #recorded(id: NodeId): RecordedNode {
    return must(this.#nodes.get(id), `operator ${id} of ${this.#nodes.size}`);
  }

  #currentTitle(): string {
    const { cell, cells } = this.#options.bundle;
    return cells.find(({ index }) => index === this.#currentCell)?.title ?? cell.title;
  }

  /** Cell, declaration, kind, and the how-manieth: an operator put in between shifts only those of its kind. */
  #uidFor(kind: OperatorKind, origin: Origin | undefined): string {
    const around = [origin?.cell ?? this.#currentTitle(), origin?.variable ?? '', kind];
    const place = around.filter((part) => part !== '').join('/');
    const ordinal = (this.#ordinals.get(place) ?? 0) + 1;
    this.#ordinals.set(place, ordinal);
    return `${place}-${ordinal}`;
  }

  #drain(values: Iterable<unknown>): Collection {
    if (this.#options.collections !== undefined) return { key: '' as BlobKey, count: 0 };
    const { bytes, count } = encodeCollection(values);
    const key = blobKeyOf(bytes);
    this.#blobs.set(key, bytes);
    return { key, count };
  }

  /** What operators that were dropped would have read need not travel. */
  #blobsOf(nodes: readonly RecordedNode[]): ReadonlyMap<BlobKey, Uint8Array> {
    const params = nodes.map(({ node }) => JSON.stringify(node.params));
    const isRead = (key: BlobKey): boolean => params.some((text) => text.includes(key));
    return new Map([...this.#blobs].filter(([key]) => isRead(key)));
  }

  #leadingToSinks(): ReadonlySet<NodeId> {
    const kept = new Set<NodeId>();
    for (const { node, isWanted } of this.#nodes.values()) if (isWanted) kept.add(node.id);
    const sourcesOf = Map.groupBy(this.#edges, ({ edge }) => edge.target);
    // A set is walked in the order of insertion, with what is added on the way.
    for (const id of kept) for (const { edge } of sourcesOf.get(id) ?? []) kept.add(edge.source);
    return kept;
  }
}

const slotsOf = (functions: Functions): readonly string[] =>
  Object.keys(functions).sort((a, b) => (a < b ? -1 : 1));

function functionTable(
  nodes: readonly RecordedNode[],
  edges: readonly RecordedEdge[],
): ReadonlyMap<string, UserFunction | object> {
  const table = new Map<string, UserFunction | object>();
  for (const { node, functions } of nodes) {
    for (const [slot, one] of Object.entries(functions))
      table.set(nodeFunction(node.id, slot), one);
  }
  for (const { edge, functions } of edges) {
    for (const [slot, one] of Object.entries(functions))
      table.set(edgeFunction(edge.id, slot), one);
  }
  return table;
}

function assertUniqueUids(nodes: readonly StreamNode[]): void {
  const seen = new Map<string, StreamNode>();
  for (const node of nodes) {
    const other = seen.get(node.uid);
    if (other !== undefined) throw new DuplicateUid(other, node);
    seen.set(node.uid, node);
  }
}
