// The critical path: small graphs by hand, against brute force on random ones, and flows far deeper than a call stack.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { criticalPath, type PathTask } from "../../src/monitor/critical-path.ts";

const node = (id: string, serviceMs: number, ...needs: readonly string[]): PathTask<string> => ({ id, needs, serviceMs });

test("no tasks, no path", () => {
  assert.deepEqual(criticalPath([]), { ids: [], totalMs: 0 });
});

test("without dependencies it is the longest task, the first of equals", () => {
  assert.deepEqual(criticalPath([node("a", 1), node("b", 5), node("c", 5)]), { ids: ["b"], totalMs: 5 });
});

test("a diamond goes by its longer side, in whatever order it is listed", () => {
  const diamond = [node("end", 1, "left", "right"), node("left", 10, "start"), node("right", 20, "start"), node("start", 2)];
  assert.deepEqual(criticalPath(diamond), { ids: ["start", "right", "end"], totalMs: 23 });
});

test("a long chain of short tasks beats one long task", () => {
  assert.deepEqual(criticalPath([node("long", 5), node("a", 2), node("b", 2, "a"), node("c", 2, "b")]).ids, ["a", "b", "c"]);
});

test("needs outside the flow and needs named twice count once or not at all", () => {
  assert.deepEqual(criticalPath([node("a", 3), node("b", 4, "a", "a", "elsewhere")]), { ids: ["a", "b"], totalMs: 7 });
});

test("numbers can be ids", () => {
  assert.deepEqual(criticalPath([{ id: 7, needs: [], serviceMs: 1 }, { id: 9, needs: [7], serviceMs: 1 }]).ids, [7, 9]);
});

test("a circle and a doubled id are bugs of the caller", () => {
  assert.throws(() => criticalPath([node("a", 1, "b"), node("b", 1, "a")]), /no circle/);
  assert.throws(() => criticalPath([node("a", 1), node("a", 1)]), /different ids/);
});

test("a chain of 100,000 tasks and a fan of 100,000 are no trouble", () => {
  const chain = Array.from({ length: 100_000 }, (_, i) => ({ id: i, needs: i === 0 ? [] : [i - 1], serviceMs: 1 }));
  assert.equal(criticalPath(chain).totalMs, 100_000);
  const fan = [...chain.map(({ id }) => ({ id, needs: [], serviceMs: id })), { id: -1, needs: chain.map(({ id }) => id), serviceMs: 1 }];
  assert.deepEqual(criticalPath(fan), { ids: [99_999, -1], totalMs: 100_000 });
});

test("on random graphs no path is longer, and the path found is one", () => {
  const graph = fc.array(fc.tuple(fc.nat(20), fc.array(fc.nat(100), { maxLength: 3 })), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(graph, (nodes) => {
      const tasks = nodes.map(([serviceMs, needs], id) => ({ id, serviceMs, needs: id === 0 ? [] : needs.map((need) => need % id) }));
      const ends: number[] = [];
      for (const { serviceMs, needs } of tasks) ends.push(serviceMs + Math.max(0, ...needs.map((need) => ends[need] ?? 0)));
      const { ids, totalMs } = criticalPath(tasks);
      assert.equal(totalMs, Math.max(...ends));
      assert.equal(ids.reduce((sum, id) => sum + (tasks[id]?.serviceMs ?? 0), 0), totalMs);
      ids.slice(1).forEach((id, i) => assert.ok(tasks[id]?.needs.includes(ids[i] ?? -1)));
    }),
  );
});
