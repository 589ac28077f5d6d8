// The calendar and the id table of the simulator against plain sorting and a Map, on random operations.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EventHeap } from "../../../src/sim/driver/event-heap.ts";
import { IdTable } from "../../../src/sim/driver/id-table.ts";

test("events come out by time, then in the order in which they were entered, and removed ones do not", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 300 }), fc.array(fc.nat(299), { maxLength: 50 }), (times, removed) => {
      const heap = new EventHeap();
      times.forEach((at, item) => heap.push(at, item));
      for (const item of removed) heap.remove(item);
      const expected = times.map((at, item) => ({ at, item })).filter(({ item }) => !removed.includes(item)).sort((a, b) => a.at - b.at || a.item - b.item);
      const got: { at: number; item: number }[] = [];
      while (heap.size > 0) got.push({ at: heap.firstAt, item: heap.pop() });
      assert.deepEqual(got, expected);
      assert.equal(heap.firstAt, Infinity);
    }),
  );
});

test("the id table is a map, whatever comes and goes", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 2_000 })), { maxLength: 3_000 }), (operations) => {
      const table = new IdTable();
      const map = new Map<number, number>();
      operations.forEach(([isSet, id], slot) => {
        if (isSet && !map.has(id)) {
          table.set(id, slot);
          map.set(id, slot);
        } else if (!isSet && map.delete(id)) table.delete(id);
      });
      for (let id = 1; id <= 2_000; id++) assert.equal(table.get(id), map.get(id) ?? -1);
    }),
    { numRuns: 30 },
  );
});
