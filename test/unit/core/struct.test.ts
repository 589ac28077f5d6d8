// The small structures under the scheduler: the heap against a sorted list, the paged table against a map, circles, and chance.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { findCycle } from "../../../src/core/struct/graph.ts";
import { Heap } from "../../../src/core/struct/heap.ts";
import { PagedTable } from "../../../src/core/struct/paged-table.ts";
import { randomOf } from "../../../src/core/struct/random.ts";

interface Item {
  heapSlot: number;
  key: number;
  readonly tie: number;
}

describe("heap", () => {
  test("gives items back as a sorted list does, whatever is pushed, popped, removed and moved", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("push"), key: fc.integer({ min: -5, max: 5 }) }),
      fc.record({ kind: fc.constantFrom("pop", "remove"), key: fc.nat() }),
      fc.record({ kind: fc.constant("move"), key: fc.integer({ min: -5, max: 5 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const heap = new Heap<Item>();
        let sorted: Item[] = [];
        steps.forEach(({ kind, key }, tie) => {
          if (kind === "push") {
            const item = { heapSlot: -1, key, tie };
            heap.push(item, key, tie);
            sorted = [...sorted, item].sort((a, b) => a.key - b.key || a.tie - b.tie);
          } else if (kind === "move") {
            const item = sorted[tie % sorted.length];
            if (item === undefined) return;
            item.key += key;
            heap.move(item, item.key, item.tie);
            sorted.sort((a, b) => a.key - b.key || a.tie - b.tie);
          } else if (kind === "pop") {
            assert.equal(heap.pop(), sorted.shift());
          } else if (sorted.length > 0) {
            const [item] = sorted.splice(key % sorted.length, 1);
            heap.remove(item!);
            assert.equal(item!.heapSlot, -1);
          }
          assert.equal(heap.size, sorted.length);
          assert.equal(heap.peek(), sorted[0]);
          assert.equal(heap.firstKey, sorted[0]?.key ?? Infinity);
          assert.equal(heap.firstTie, sorted[0]?.tie ?? Infinity);
          assert.deepEqual(new Set(heap.values()), new Set(sorted));
          for (const item of sorted) assert.equal(heap.keyOf(item), item.key);
        });
      }),
      { numRuns: 200 },
    );
  });

  test("holds an item once, and only what is in it can be removed", () => {
    const heap = new Heap<Item>();
    const item = { heapSlot: -1, key: 1, tie: 1 };
    heap.push(item, 1, 1);
    assert.throws(() => heap.push(item, 1, 1), /in one heap at a time/);
    assert.throws(() => heap.remove({ heapSlot: 0, key: 1, tie: 1 }), /in this heap/);
  });

  test("keeps its order while it grows to thousands and shrinks again", () => {
    const heap = new Heap<Item>();
    for (let tie = 0; tie < 5_000; tie++) heap.push({ heapSlot: -1, key: (tie * 7919) % 5_003, tie }, (tie * 7919) % 5_003, tie);
    let last = -1;
    for (let item = heap.pop(); item !== undefined; item = heap.pop()) {
      assert.ok(item.key > last);
      last = item.key;
    }
    assert.equal(last, 5_002);
  });
});

describe("paged table", () => {
  test("is a map from ids to values", () => {
    const step = fc.record({ set: fc.boolean(), id: fc.integer({ min: 1, max: 3_000 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = new PagedTable<{ readonly id: number }>();
        const map = new Map<number, { readonly id: number }>();
        for (const { set, id } of steps) {
          const value = { id };
          if (set) {
            table.set(id, value);
            map.set(id, value);
          } else {
            table.delete(id);
            map.delete(id);
          }
          assert.equal(table.get(id), map.get(id));
          assert.equal(table.size, map.size);
        }
        assert.deepEqual(new Set(table.values()), new Set(map.values()));
        const lowest = Math.min(...map.keys());
        if (map.size === 0) assert.equal(table.lowerBound(77), 77);
        else assert.ok(table.lowerBound(77) <= lowest && table.lowerBound(77) > lowest - 512);
      }),
    );
  });

  test("a page that has emptied is used again, under another number too", () => {
    const table = new PagedTable<string>();
    for (const id of [1, 1, 600, 2, 1_300, 601]) {
      table.set(id, `task ${id}`);
      assert.deepEqual([...table.values()], [`task ${id}`]);
      assert.equal(table.lowerBound(-1), id - (id % 512));
      table.delete(id);
      assert.deepEqual([table.get(id), table.size, table.lowerBound(-1)], [undefined, 0, -1]);
    }
  });

  test("takes ids beyond 32 bits", () => {
    const table = new PagedTable<string>();
    table.set(2 ** 40 + 3, "far");
    table.set(3, "near");
    assert.equal(table.get(2 ** 40 + 3), "far");
    assert.equal(table.get(3), "near");
    assert.equal(table.get(2 ** 40), undefined);
  });
});

describe("circles in a graph", () => {
  test("a circle is found exactly when there is one, and each of its nodes needs the next one's place before it", () => {
    const graph = fc.integer({ min: 1, max: 12 }).chain((size) => fc.array(fc.array(fc.nat({ max: size - 1 }), { maxLength: 3 }), { minLength: size, maxLength: size }));
    fc.assert(
      fc.property(graph, (needs) => {
        const cycle = findCycle(needs);
        assert.equal(cycle !== undefined, reachesItself(needs));
        if (cycle === undefined) return;
        cycle.forEach((node, index) => assert.ok(needs[cycle[(index + 1) % cycle.length]!]!.includes(node), "each is needed by the next"));
        assert.equal(new Set(cycle).size, cycle.length);
      }),
    );
  });

  test("a chain of 100,000 has none, and closing it is seen", () => {
    const chain: number[][] = Array.from({ length: 100_000 }, (_, node) => (node === 0 ? [] : [node - 1]));
    assert.equal(findCycle(chain), undefined);
    chain[0] = [99_999];
    assert.equal(findCycle(chain)?.length, 100_000);
  });
});

function reachesItself(needs: readonly (readonly number[])[]): boolean {
  return needs.some((_, start) => {
    const seen = new Set<number>();
    const next = [...needs[start]!];
    for (let node = next.pop(); node !== undefined; node = next.pop()) {
      if (node === start) return true;
      if (seen.has(node)) continue;
      seen.add(node);
      next.push(...needs[node]!);
    }
    return false;
  });
}

describe("random", () => {
  test("is the same for the same numbers, in range, and differs with each of them", () => {
    fc.assert(
      fc.property(fc.integer(), fc.maxSafeNat(), fc.nat(), (seed, a, b) => {
        const value = randomOf(seed, a, b);
        assert.ok(value >= 0 && value < 1);
        assert.equal(value, randomOf(seed, a, b));
      }),
    );
    const values = new Set([randomOf(1, 1, 1), randomOf(2, 1, 1), randomOf(1, 2, 1), randomOf(1, 1, 2), randomOf(1, 1 + 2 ** 32, 1)]);
    assert.equal(values.size, 5);
  });

  test("is even: ten thousand draws fall about equally into ten parts", () => {
    const parts = new Array<number>(10).fill(0);
    for (let id = 1; id <= 10_000; id++) parts[Math.floor(randomOf(42, id, 1) * 10)]! += 1;
    for (const count of parts) assert.ok(count > 850 && count < 1_150, `${count} in a part`);
  });
});
