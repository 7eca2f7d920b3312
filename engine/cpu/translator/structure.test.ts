import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Structure, structure } from './structure.ts';

type Graph = readonly (readonly number[])[];

/** Graphs as regions have them: at most two successors a node. */
const GRAPH: fc.Arbitrary<Graph> = fc.integer({ min: 1, max: 12 }).chain((nodes) => {
  const node = fc.integer({ min: 0, max: nodes - 1 });
  const next = fc.oneof(
    { weight: 5, arbitrary: fc.tuple(node, node) },
    { weight: 2, arbitrary: fc.tuple(node) },
    { weight: 1, arbitrary: fc.constant([]) },
  );
  return fc.array(next, { minLength: nodes, maxLength: nodes });
});

function reachable(graph: Graph, without = -1): Set<number> {
  const found = new Set<number>();
  const work = without === 0 ? [] : [0];
  for (let node = work.pop(); node !== undefined; node = work.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    work.push(...graph[node]!.filter((next) => next !== without));
  }
  return found;
}

/** By the definition: every path from the entry to b goes through a. */
function dominates(graph: Graph, a: number, b: number): boolean {
  return a === b || !reachable(graph, a).has(b);
}

/** By Hecht and Ullman's transformations: drop self-loops, merge nodes into their only predecessor, until one node is left. */
function isReducible(graph: Graph): boolean {
  const left = reachable(graph);
  const edges = new Map([...left].map((node) => [node, new Set(graph[node])]));
  for (;;) {
    for (const [node, next] of edges) next.delete(node);
    const mergeable = [...edges.keys()].flatMap((node) => {
      if (node === 0) return [];
      const predecessors = [...edges].filter(([, next]) => next.has(node)).map(([from]) => from);
      return predecessors.length === 1 ? [[predecessors[0]!, node] as const] : [];
    })[0];
    if (!mergeable) return edges.size === 1;
    const [into, node] = mergeable;
    const next = edges.get(into)!;
    next.delete(node);
    for (const to of edges.get(node)!) next.add(to);
    edges.delete(node);
  }
}

type Code =
  | { kind: 'visit'; node: number; arms: Code[][] }
  | { kind: 'block' | 'loop'; label: string; body: Code[] }
  | { kind: 'branch'; label: string }
  | { kind: 'leave' };

/** The nested code that the region builder makes of a structure. */
function nest(graph: Graph, shape: Structure): Code[] {
  const tree = (node: number): Code[] => {
    const body = within(node, shape.mergeChildren[node]!);
    return shape.isLoopHeader[node] ? [{ kind: 'loop', label: `loop ${node}`, body }] : body;
  };
  const within = (node: number, [last, ...others]: readonly number[]): Code[] => {
    if (last === undefined) return [{ kind: 'visit', node, arms: graph[node]!.map((to) => goTo(node, to)) }];
    return [{ kind: 'block', label: `before ${last}`, body: within(node, others) }, ...tree(last)];
  };
  const goTo = (from: number, to: number): Code[] => {
    switch (shape.edge(from, to)) {
      case 'irreducible':
        return [{ kind: 'leave' }];
      case 'back':
        return [{ kind: 'branch', label: `loop ${to}` }];
      case 'forward':
        return shape.isMerge[to] ? [{ kind: 'branch', label: `before ${to}` }] : tree(to);
    }
  };
  return tree(0);
}

/** Runs nested code with the scoping of WebAssembly; `choose` picks the arm. Returns the nodes visited, at most `limit`. */
function runNested(code: Code[], choose: (step: number, arms: number) => number, limit: number): number[] {
  const path: number[] = [];
  const done = Symbol('done');
  const run = (list: Code[], scope: readonly string[]): string | typeof done | undefined => {
    for (const item of list) {
      let outcome: string | typeof done | undefined;
      if (item.kind === 'leave') return done;
      if (item.kind === 'branch') {
        if (!scope.includes(item.label)) throw new Error(`'${item.label}' is not in scope`);
        return item.label;
      }
      if (item.kind === 'visit') {
        if (path.length === limit) return done;
        path.push(item.node);
        if (item.arms.length === 0) return done;
        outcome = run(item.arms[choose(path.length, item.arms.length)]!, scope);
        // A block's code always leaves: nothing falls out of an arm.
        if (outcome === undefined) throw new Error(`the code of ${item.node} falls through`);
      } else {
        const inside = [...scope, item.label];
        do outcome = run(item.body, inside);
        while (item.kind === 'loop' && outcome === item.label);
        if (item.kind === 'block' && outcome === item.label) outcome = undefined;
      }
      if (outcome !== undefined) return outcome;
    }
    return undefined;
  };
  run(code, []);
  return path;
}

function runDirectly(
  graph: Graph,
  shape: Structure,
  choose: (step: number, arms: number) => number,
  limit: number,
): number[] {
  const path = [0];
  for (let node = 0; path.length < limit; path.push(node)) {
    const next = graph[node]!;
    if (next.length === 0) break;
    const to = next[choose(path.length, next.length)]!;
    if (shape.edge(node, to) === 'irreducible') break;
    node = to;
  }
  return path;
}

describe('structure', () => {
  it('orders the reachable nodes, each once and the entry first', () => {
    fc.assert(
      fc.property(GRAPH, (graph) => {
        const { order, position } = structure(graph);
        expect(order[0]).toBe(0);
        expect(new Set(order)).toEqual(reachable(graph));
        expect(order.length).toBe(new Set(order).size);
        graph.forEach((_, node) => {
          expect(position[node]).toBe(order.indexOf(node));
        });
      }),
    );
  });

  it('calls an edge back exactly if its target dominates its source', () => {
    fc.assert(
      fc.property(GRAPH, (graph) => {
        const shape = structure(graph);
        for (const from of shape.order)
          for (const to of graph[from]!) {
            const kind = shape.edge(from, to);
            expect(kind === 'back').toBe(dominates(graph, to, from));
            if (kind === 'back') expect(shape.isLoopHeader[to]).toBe(true);
          }
      }),
    );
  });

  it('calls an edge irreducible in irreducible graphs only, and in each of them', () => {
    let irreducible = 0;
    fc.assert(
      fc.property(GRAPH, (graph) => {
        const shape = structure(graph);
        const leaves = shape.order.some((from) => graph[from]!.some((to) => shape.edge(from, to) === 'irreducible'));
        expect(leaves).toBe(!isReducible(graph));
        if (leaves) irreducible++;
      }),
      { numRuns: 500 },
    );
    expect(irreducible).toBeGreaterThan(20);
  });

  it('gives nested code that visits the same nodes as the graph, whichever way the branches go', () => {
    fc.assert(
      fc.property(GRAPH, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), (graph, decisions) => {
        const shape = structure(graph);
        const choose = (step: number, arms: number): number => (arms > 1 && decisions[step % decisions.length] ? 1 : 0);
        expect(runNested(nest(graph, shape), choose, 60)).toEqual(runDirectly(graph, shape, choose, 60));
      }),
      { numRuns: 500 },
    );
  });

  it('makes no label for straight code, and one for a diamond', () => {
    const straight = structure([[1], [2], []]);
    expect([straight.isMerge, straight.isLoopHeader].flat()).not.toContain(true);
    const diamond = structure([[1, 2], [3], [3], []]);
    expect(diamond.mergeChildren).toEqual([[3], [], [], []]);
    expect(diamond.isMerge).toEqual([false, false, false, true]);
  });

  it('gives every successor of a switch a label', () => {
    const graph = [[1, 2, 3], [3], [], [0]];
    expect(structure(graph, 0).mergeChildren).toEqual([[3, 1, 2], [], [], []]);
    expect(structure(graph).isMerge).toEqual([false, false, false, true]);
  });

  it('treats a branch whose arms meet at once as two ways in', () => {
    expect(structure([[1, 1], []]).isMerge).toEqual([false, true]);
  });
});
