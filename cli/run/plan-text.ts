// A plan as text: each vertex with its chain and what feeds it, inputs before what they feed.

import type { JsonPlan } from '../../engine/graph/json-plan.ts';

type Node = JsonPlan['nodes'][number];

/** Lines, without one at the end. Names are as they came: who prints them escapes them. */
export function planText({ name, nodes }: JsonPlan): readonly string[] {
  const ordered = inputsFirst(nodes);
  const number = new Map(ordered.map(({ id }, i) => [id, i + 1]));
  const width = String(ordered.length).length;
  const lines = ordered.flatMap((node, i) => {
    const head = `${String(i + 1).padStart(width)}  `;
    const indent = ' '.repeat(head.length);
    const chain = chainOf(node);
    const inputs = (node.inputs ?? []).map(
      ({ id, ship_strategy: how }) => `${indent}◀─ ${how} ─ ${number.get(id) ?? '?'}`,
    );
    const [first = '', ...others] = chain;
    const title = `${head}${first}  (parallelism ${node.parallelism})`;
    return [title, ...others.map((line) => indent + line), ...inputs, ''];
  });
  return [`Job: ${name}`, '', ...lines.slice(0, -1)];
}

function inputsFirst(nodes: readonly Node[]): readonly Node[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const done = new Set<Node>();
  const visit = (node: Node): void => {
    if (done.has(node)) return;
    done.add(node); // before its inputs: a plan that lies may have a cycle
    for (const { id } of node.inputs ?? []) {
      const input = byId.get(id);
      if (input !== undefined) visit(input);
    }
    ordered.push(node);
  };
  const ordered: Node[] = [];
  for (const node of nodes) visit(node);
  return ordered;
}

/** From Flink's HTML to lines: `Source: Numbers`, `+- Parse`. */
const chainOf = ({ description }: Node): readonly string[] =>
  description
    .split(/<br\/?>|\n/)
    .filter((line) => line.trim() !== '')
    .map((line) =>
      line.replace(/&(?:amp|lt|gt|quot|#92);/g, (entity) => ENTITIES[entity] ?? entity),
    );

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#92;': '\\',
};
