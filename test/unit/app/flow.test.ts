// Flows through the SDK: built, named, waited for, found again, submitted twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defineTask, type AddTask } from "../../../src/app/index.ts";
import { openForTest, type TestApp } from "../../../src/testing/index.ts";

const fetchPage = defineTask({ type: "fetch", handler: (input: { page: number }) => ({ words: input.page * 10 }) });
const sum = defineTask({
  type: "sum",
  handler: (_: undefined, { needs }) => needs.reduce((total, need) => total + (need.result as { words: number }).words, 0),
});
const fails = defineTask({ type: "fails", handler: () => Promise.reject(new Error("broken")) });
const count = defineTask({ type: "count", onDependencyFailure: "continue", handler: (_: undefined, { needs }) => needs.map((need) => need.state) });

async function withApp(run: (kit: TestApp) => Promise<void>): Promise<void> {
  await using kit = await openForTest({ tasks: [fetchPage, sum, fails, count] });
  await run(kit);
}

test("results pass to those who need them; names come from what the function returns", () =>
  withApp(async ({ app }) => {
    const flow = await app.submitFlow("pages", (add) => {
      const first = add(fetchPage, { page: 1 });
      const second = add(fetchPage, { page: 2 });
      const total = add(sum, undefined, { needs: [first, second] });
      return { first, second, total };
    });
    assert.match(flow.id, /^f\d+$/);
    assert.equal(await flow.tasks.total.result(), 30);
    const ends = await flow.result();
    assert.deepEqual(ends.total, { id: flow.tasks.total.id, state: "succeeded", result: 30 });
    assert.deepEqual((await app.list({ flow, order: "oldest" })).tasks.map(({ name, state }) => [name, state]), [
      ["first", "succeeded"],
      ["second", "succeeded"],
      ["total", "succeeded"],
    ]);
  }));

test("tasks without a name are called by their type", () =>
  withApp(async ({ app }) => {
    const flow = await app.submitFlow("plain", (add) => {
      add(fetchPage, { page: 1 });
      const second = add(fetchPage, { page: 2 });
      add("sum", undefined, { needs: [second], name: "fetch-2" });
    });
    const ends = await flow.result();
    assert.deepEqual(Object.keys(ends).sort(), ["fetch", "fetch-2", "fetch-3"]);
    assert.equal(ends["fetch-2"]?.state === "succeeded" && ends["fetch-2"].result, 20);
  }));

test("what needs a failed task is skipped, or goes on if it says so", () =>
  withApp(async ({ app }) => {
    const flow = await app.submitFlow("broken", (add) => {
      const bad = add(fails);
      return { bad, skipped: add(sum, undefined, { needs: [bad] }), counted: add(count, undefined, { needs: [bad] }) };
    });
    const { bad, skipped, counted } = await flow.result();
    assert.equal(bad.state === "failed" && bad.error?.message, "broken");
    assert.deepEqual([skipped.state, counted], ["skipped", { id: flow.tasks.counted.id, state: "succeeded", result: ["failed"] }]);
    await assert.rejects(flow.tasks.skipped.result(), { code: "skipped", reason: "dependency_failed", message: /was skipped: a task that it needs did not succeed/ });
  }));

test("a flow is found again by its id", () =>
  withApp(async ({ app }) => {
    const flow = await app.submitFlow("again", (add) => ({ page: add(fetchPage, { page: 4 }) }));
    await flow.result();
    const found = await app.flow(flow.id);
    assert.deepEqual([found.id, found.name], [flow.id, "again"]);
    assert.deepEqual(await found.result(), { page: { id: flow.tasks.page.id, state: "succeeded", result: { words: 40 } } });
    await assert.rejects(app.flow("f99"), { code: "flow_not_found", message: "There is no flow f99." });
    await assert.rejects(app.flow("t1"), { code: "invalid_option" });
  }));

test("a flow with a key is submitted once", () =>
  withApp(async ({ app }) => {
    const build = (add: AddTask) => ({ one: add(fetchPage, { page: 1 }), two: add(fetchPage, { page: 2 }, { key: "own" }) });
    const flow = await app.submitFlow("daily", build, { key: "2030-01-01" });
    await flow.result();
    const again = await app.submitFlow("daily", build, { key: "2030-01-01" });
    assert.deepEqual([again.id, again.tasks.one.id, again.tasks.two.id], [flow.id, flow.tasks.one.id, flow.tasks.two.id]);
    assert.equal(again.tasks.one.existed, true);
    assert.equal((await app.get(flow.tasks.one))?.key, "2030-01-01/one");
    const other = await app.submitFlow("daily", build, { key: "2030-01-02" });
    assert.deepEqual([other.tasks.one.existed, other.tasks.two.existed], [false, true]);
  }));

test("mistakes are refused, and nothing is submitted", () =>
  withApp(async ({ app }) => {
    const loosely = (build: (add: AddTask) => void) => app.submitFlow("f", build);
    await assert.rejects(loosely(() => {}), { code: "invalid_option", message: 'The flow "f" has no tasks.' });
    await assert.rejects(app.submitFlow("", () => {}), { code: "invalid_option" });
    await assert.rejects(app.submitFlow("f", undefined as never), { message: /takes a function/ });
    await assert.rejects(app.submitFlow("f", (add) => void add(sum), { key: "\ud83d" }), { code: "invalid_option", message: /key must be a text without half a character/ });
    await assert.rejects(app.submitFlow("f", (add) => ({ "\ud83d": add(sum) }), { key: "k" }), { code: "invalid_option", message: /^The key "k\/\\ud83d" holds half a character/ });
    await assert.rejects(loosely((add) => [add(fetchPage, { page: 1 }, { name: "a" }), add(sum, undefined, { name: "a" })]), { code: "duplicate_id", message: 'Two tasks of the flow are called "a"; the second is of the type "sum".' });
    await assert.rejects(loosely((add) => ({ a: add(sum), b: 1 })), { message: /returns nothing, or an object/ });
    await assert.rejects(loosely((add) => add("smu")), { code: "type_unknown" });
    let stolen: ReturnType<AddTask> | undefined;
    await loosely((add) => void (stolen = add(fetchPage, { page: 1 })));
    await assert.rejects(loosely((add) => void add(sum, undefined, { needs: [stolen!] })), { code: "dependency_unknown", message: /a task of another flow/ });
    await app.idle();
    assert.equal((await app.list()).tasks.length, 1);
  }));

test("a task may need one that was submitted before and is under way", () =>
  withApp(async ({ app }) => {
    await app.pause();
    const before = await app.submit(fetchPage, { page: 7 });
    const after = await app.submit(sum, undefined, { needs: [before] });
    await app.resume();
    assert.equal(await after.result(), 70);
  }));
