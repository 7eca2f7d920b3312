// Turns a control-flow graph into nested blocks and loops by its dominator tree, as in N. Ramsey, "Beyond Relooper"
// (ICFP 2022). What comes in: successors of each node, node 0 the entry. What goes out: for each node its place in the
// tree, and which edges are forward, back, or have no place in it because their loop is entered from the side as well
// (irreducible). All nodes reachable from the entry appear once.

export interface Structure {
  /** Nodes in reverse postorder; position by node. -1: unreachable. */
  order: number[];
  position: number[];
  /** Dominator-tree children of each node that are merges, the latest in reverse postorder first. */
  mergeChildren: number[][];
  isMerge: boolean[];
  isLoopHeader: boolean[];
  /** Edge kinds by `from * nodes + to`. */
  edge(from: number, to: number): 'forward' | 'back' | 'irreducible';
}

/** `switchNode` chooses among its successors by labels: they count as merges, however few ways lead to them. */
export function structure(successors: readonly (readonly number[])[], switchNode?: number): Structure {
  const nodes = successors.length;
  const order = reversePostorder(successors);
  const position = new Array<number>(nodes).fill(-1);
  order.forEach((node, index) => {
    position[node] = index;
  });
  const immediate = dominators(successors, order, position);
  const dominates = (a: number, b: number): boolean => {
    let node = b;
    while (position[node]! > position[a]!) node = immediate[node]!;
    return node === a;
  };
  const isMerge = new Array<boolean>(nodes).fill(false);
  const isLoopHeader = new Array<boolean>(nodes).fill(false);
  const forwardEdges = new Array<number>(nodes).fill(0);
  for (const from of order)
    for (const to of new Set(successors[from]!)) {
      if (position[to]! > position[from]!) forwardEdges[to]!++;
      else if (dominates(to, from)) isLoopHeader[to] = true;
    }
  // Both arms of a branch may go to one node: two forward edges all the same.
  for (const from of order) {
    const seen = new Set<number>();
    for (const to of successors[from]!) {
      if (seen.has(to) && position[to]! > position[from]!) forwardEdges[to]!++;
      seen.add(to);
    }
  }
  if (switchNode !== undefined)
    for (const to of successors[switchNode]!) if (position[to]! > position[switchNode]!) forwardEdges[to] = 2;
  const mergeChildren: number[][] = Array.from({ length: nodes }, () => []);
  for (const node of order) {
    isMerge[node] = forwardEdges[node]! > 1;
    if (isMerge[node] && node !== order[0]) mergeChildren[immediate[node]!]!.push(node);
  }
  for (const children of mergeChildren) children.sort((a, b) => position[b]! - position[a]!);
  return {
    order,
    position,
    mergeChildren,
    isMerge,
    isLoopHeader,
    edge: (from, to) => (position[to]! > position[from]! ? 'forward' : dominates(to, from) ? 'back' : 'irreducible'),
  };
}

function reversePostorder(successors: readonly (readonly number[])[]): number[] {
  const visited = new Set<number>([0]);
  const postorder: number[] = [];
  const stack: { node: number; next: number }[] = [{ node: 0, next: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    const to = successors[top.node]![top.next++];
    if (to === undefined) {
      postorder.push(top.node);
      stack.pop();
    } else if (!visited.has(to)) {
      visited.add(to);
      stack.push({ node: to, next: 0 });
    }
  }
  return postorder.reverse();
}

/** Immediate dominators by Cooper, Harvey and Kennedy's iteration ("A Simple, Fast Dominance Algorithm", 2001). */
function dominators(
  successors: readonly (readonly number[])[],
  order: readonly number[],
  position: readonly number[],
): number[] {
  const predecessors: number[][] = successors.map(() => []);
  for (const from of order) for (const to of successors[from]!) predecessors[to]!.push(from);
  const immediate = new Array<number>(successors.length).fill(-1);
  const entry = order[0]!;
  immediate[entry] = entry;
  const intersect = (left: number, right: number): number => {
    let a = left;
    let b = right;
    while (a !== b) {
      while (position[a]! > position[b]!) a = immediate[a]!;
      while (position[b]! > position[a]!) b = immediate[b]!;
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const node of order) {
      if (node === entry) continue;
      let found = -1;
      for (const from of predecessors[node]!)
        if (immediate[from] !== -1) found = found === -1 ? from : intersect(from, found);
      if (immediate[node] !== found) {
        immediate[node] = found;
        changed = true;
      }
    }
  }
  return immediate;
}
