/**
 * The graph of a flow file by names: circles are found before anything is submitted, and told as the chain that a person can
 * follow. Depth-first search with three colours, without recursion, so that a chain of any length fits.
 */

/** Circles of the graph, at least one for every set of tasks that need each other; each as the names on it, the first again at the end. */
export function findCircles(needs: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const done = new Set<string>();
  const circles: (readonly string[])[] = [];
  for (const start of needs.keys()) {
    if (done.has(start)) continue;
    const path: { readonly name: string; next: number }[] = [{ name: start, next: 0 }];
    const depth = new Map<string, number>([[start, 0]]);
    while (path.length > 0) {
      const step = path.at(-1)!;
      const need = needs.get(step.name)?.[step.next++];
      if (need === undefined) {
        done.add(step.name);
        depth.delete(step.name);
        path.pop();
      } else if (depth.has(need)) {
        circles.push([...path.slice(depth.get(need)).map(({ name }) => name), need]);
      } else if (!done.has(need) && needs.has(need)) {
        depth.set(need, path.length);
        path.push({ name: need, next: 0 });
      }
    }
  }
  return circles;
}
