// Tasks of sessions that wait: whatever is pushed, taken and served, they come in the order of their ranks, and can be walked in it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { policyOf } from "../../../src/core/policy/policies.ts";
import type { RankContext } from "../../../src/core/policy/policy.ts";
import { SessionHeap } from "../../../src/core/session-heap.ts";
import { serve, Sessions, type Session } from "../../../src/core/sessions.ts";
import type { Spec, Task } from "../../../src/core/task.ts";
import { extraOf, TaskRecord } from "../../../src/core/task-record.ts";
import { walkOf } from "../../../src/core/task-walk.ts";

const SPEC: Spec = { id: 1, type: "t", queue: "q", priority: 3, retry: { limit: 0, backoff: "fixed", delayMs: 0, maxDelayMs: 0, jitter: 0, lossLimit: 1 }, onDependencyFailure: "skip" };
const NAMES = ["a", "b", "c", undefined];

class Scene {
  readonly sessions = new Sessions();
  readonly heap: SessionHeap;
  readonly rank: (task: Task) => number;
  waiting: Task[] = [];
  #lastId = 0;

  constructor(policyText: string) {
    const choice = policyOf(policyText);
    assert.ok(choice.kind === "policy" && choice.policy.sessions !== undefined);
    const { policy } = choice;
    const context = { attainedMs: (task: Task) => task.extra?.session?.attainedMs ?? 0 } as Partial<RankContext> as RankContext;
    this.rank = (task) => policy.rank(task, context);
    this.heap = new SessionHeap(choice.policy.sessions, this.rank);
  }

  push(name: string | undefined, readyAt: number): void {
    const task = new TaskRecord(++this.#lastId, SPEC, "queued", 0, readyAt);
    if (name !== undefined) extraOf(task).session = this.sessions.join(name);
    this.waiting.push(task);
    this.heap.push(task, this.rank(task), task.id);
  }

  remove(task: Task): void {
    this.waiting = this.waiting.filter((other) => other !== task);
    this.heap.remove(task);
    assert.equal(task.heapSlot, -1);
  }

  sorted(): readonly Task[] {
    return [...this.waiting].sort((a, b) => this.rank(a) - this.rank(b) || a.id - b.id);
  }
}

describe("a heap of sessions", () => {
  const step = fc.record({ kind: fc.constantFrom("push", "push", "push", "pop", "remove", "serve"), name: fc.nat(3), number: fc.nat(60) });
  for (const policy of ["las:patience=off", "las:patience=40ms", "las:aging=off"]) {
    test(`gives what a sorted list gives: ${policy}`, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
          const scene = new Scene(policy);
          for (const { kind, name, number } of steps) {
            if (kind === "push") scene.push(NAMES[name], 1 + number);
            else if (kind === "remove" && scene.waiting.length > 0) scene.remove(scene.waiting[number % scene.waiting.length]!);
            else if (kind === "serve") {
              const session: Session | undefined = scene.waiting.find(({ extra }) => extra?.session?.name === NAMES[name])?.extra?.session;
              if (session !== undefined) serve(session, number);
            }
            scene.heap.refresh();
            const [first] = scene.sorted();
            assert.equal(scene.heap.size, scene.waiting.length);
            assert.equal(scene.heap.peek(), first);
            assert.equal(scene.heap.firstKey, first === undefined ? Infinity : scene.rank(first));
            assert.equal(scene.heap.firstTie, first?.id ?? Infinity);
            if (kind === "pop" && first !== undefined) scene.remove(first);
          }
          const sorted = scene.sorted();
          assert.deepEqual(new Set(scene.heap.values()), new Set(sorted));
          for (const [index, task] of sorted.entries()) assert.equal(scene.heap.countBefore(scene.heap.keyOf(task), task.id), index);
        }),
        { numRuns: 150 },
      );
    });
  }

  test("is walked in order without being changed", () => {
    const scene = new Scene("las:patience=off");
    for (let index = 0; index < 200; index++) scene.push(NAMES[(index * 7) % 4], (index * 13) % 50);
    const walked: Task[] = [];
    const walk = walkOf(scene.heap);
    for (let task = walk.item; task !== undefined; task = walk.item) {
      assert.equal(walk.left, 200 - walked.length);
      assert.deepEqual([walk.key, walk.tie], [scene.rank(task), task.id]);
      walked.push(task);
      walk.pass();
    }
    assert.deepEqual(walked, scene.sorted());
    assert.equal(scene.heap.size, 200);
  });

  test("of sessions that come back without tasks, the first are forgotten when they are too many", () => {
    const sessions = new Sessions();
    for (let number = 1; number <= 200_000; number++) sessions.restore(`session ${number}`, number);
    assert.equal(sessions.seen("session 1").attainedMs, 0);
    assert.equal(sessions.seen("session 200000").attainedMs, 200_000);
    sessions.leave(sessions.join("session 200000"));
    assert.equal(sessions.seen("session 200000").attainedMs, 200_000);
  });

  test("a session is remembered without tasks, with what it was served", () => {
    const sessions = new Sessions();
    const session = sessions.join("chat");
    serve(session, 500);
    sessions.leave(session);
    assert.equal(sessions.join("chat").attainedMs, 500);
    assert.equal(sessions.seen("other").attainedMs, 0);
    assert.equal(sessions.join("other").tasks, 1, "looking at a session does not join it");
  });
});
