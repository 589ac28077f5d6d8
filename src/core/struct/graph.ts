/**
 * Circles in a directed graph, by Kahn's algorithm (1962): take away nodes that need nothing until none is left; what
 * remains lies on a circle or behind one.
 */

/** A circle as node numbers, the first not repeated at the end; undefined when there is none. `needs[i]` lists what node i needs. */
export function findCycle(needs: readonly (readonly number[])[]): readonly number[] | undefined {
  const open = needs.map((list) => list.length);
  const dependents: number[][] = needs.map(() => []);
  needs.forEach((list, node) => list.forEach((need) => dependents[need]!.push(node)));
  const free = open.flatMap((count, node) => (count === 0 ? [node] : []));
  let taken = 0;
  while (free.length > 0) {
    const node = free.pop()!;
    taken += 1;
    for (const dependent of dependents[node]!) {
      open[dependent]! -= 1;
      if (open[dependent] === 0) free.push(dependent);
    }
  }
  return taken === needs.length ? undefined : walkCycle(needs, open);
}

/** From any remaining node, following needs that remain must come back to a node seen before. */
function walkCycle(needs: readonly (readonly number[])[], open: readonly number[]): readonly number[] {
  const seenAt = new Map<number, number>();
  const path: number[] = [];
  let node = open.findIndex((count) => count > 0);
  while (!seenAt.has(node)) {
    seenAt.set(node, path.length);
    path.push(node);
    node = needs[node]!.find((need) => open[need]! > 0)!;
  }
  return path.slice(seenAt.get(node)).reverse();
}
