// Tasks as NDJSON: what a line may say, and that a bad one is refused with its number and one sentence.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { describeWork } from "../../../src/cli/run/describe.ts";
import { taskLines, type TaskLinesOptions } from "../../../src/cli/run/input/task-lines.ts";
import type { PlannedTask } from "../../../src/protocol/task-plan.ts";

const folder = mkdtempSync(join(tmpdir(), "lines-"));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "handlers.ts"), "export const go = () => 1;");

const read = (...lines: readonly unknown[]): Promise<readonly PlannedTask[]> => readWith({}, ...lines);

async function readWith(options: Partial<TaskLinesOptions>, ...lines: readonly unknown[]): Promise<readonly PlannedTask[]> {
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }
  const tasks: PlannedTask[] = [];
  for await (const batch of taskLines(source(), { name: "tasks.ndjson", folder, ...options })) tasks.push(...batch);
  return tasks;
}

test("a line is a command, a program with arguments, or a call", async () => {
  const tasks = await read({ run: "echo {item} | wc" }, "", { id: "two", argv: ["wc", "a b"] }, { run: ["ls"] }, { call: "./handlers.ts#go", with: { text: "{needs.x}" } });
  assert.deepEqual(tasks.map((task) => [task.id, task.line, task.agent, describeWork(task)]), [
    ["1", 1, "command", "echo {item} | wc"],
    ["two", 3, "command", "wc 'a b'"],
    ["4", 4, "command", "ls"],
    ["5", 5, "function", "./handlers.ts#go"],
  ]);
  assert.deepEqual(tasks[3]?.work.kind === "call" && tasks[3].work.with, { value: { text: "{needs.x}" }, holes: [] });
});

test("a line has the settings of a task of a flow file", async () => {
  const [task] = await read({ run: "x", priority: "high", retries: { limit: 2, delay: "5s" }, timeout: "30s", due: "10m", deadline: "2030-01-31", estimate: "2s", key: "k", limit: { key: "l" }, env: { A: 1 }, cwd: "sub", stdin: "in", result: "json" });
  assert.ok(task);
  assert.deepEqual([task.spec.priority, task.spec.retry.limit, task.spec.retry.delayMs, task.spec.timeoutMs], [2, 2, 5000, 30_000]);
  assert.deepEqual([task.dueInMs, task.deadlineAt, task.estimateMs, task.key, task.limit], [600_000, Date.UTC(2030, 0, 31), 2000, "k", { key: "l", max: 1 }]);
  assert.deepEqual(task.work, { kind: "command", command: { kind: "shell", script: ["x"] }, env: { A: ["1"] }, cwd: ["sub"], stdin: ["in"], result: "json" });
});

test("a line says what policies look at", async () => {
  const [task, plain] = await read({ run: "x", tenant: "acme", session: "s", weight: 2, size: 0, preemptible: true }, { run: "x" });
  assert.deepEqual([task?.tenant, task?.session, task?.weight, task?.size, task?.spec.preemptible], ["acme", "s", 2, 0, true]);
  assert.deepEqual([plain?.tenant, plain?.size, plain?.spec.preemptible], [undefined, undefined, undefined]);
  assert.notEqual(task?.spec, plain?.spec);
  await assert.rejects(read({ run: "x", weight: -1 }), { code: "invalid_input", message: /^tasks\.ndjson:1: weight: expected a number of more than 0, got -1/ });
});

test("a line says what it uses of the command line's limits, and where it should run", async () => {
  const limits = new Map([["tokens", { kind: "slots", units: 5 }] as const, ["api", { kind: "slots", units: 2 }] as const]);
  const all = [{ limit: "api", amount: 1 }];
  const [own, plain] = await readWith({ limits, uses: all }, { run: "x", uses: { tokens: 3 }, region: "eu", due: "1h", if_late: "downgrade" }, { run: "x" });
  assert.deepEqual([own?.uses, own?.region, own?.ifLate], [[{ limit: "tokens", amount: 3 }], "eu", "downgrade"]);
  assert.deepEqual([plain?.uses, plain?.region, plain?.ifLate], [all, undefined, undefined]);
  await assert.rejects(readWith({ limits }, { run: "x", uses: "token" }), { code: "invalid_input", message: /^tasks\.ndjson:1: uses: the command line has no resource or limit "token"; did you mean "tokens"\?/ });
  await assert.rejects(readWith({ limits }, { run: "x", uses: { tokens: 6 } }), { message: /^tasks\.ndjson:1: uses\.tokens: it uses 6 of tokens, and there are only 5/ });
  await assert.rejects(read({ run: "x", uses: "api" }), { message: /it has none: add --limit NAME=RULE/ });
});

test("equal settings are one object, and equal tasks have hashes of their own", async () => {
  const [a, b, c] = await read({ run: "x", retries: 1 }, { run: "x", retries: 1 }, { run: "x", retries: 2 });
  assert.equal(a?.spec, b?.spec);
  assert.notEqual(a?.spec, c?.spec);
  assert.equal(new Set([a?.contentHash, b?.contentHash, c?.contentHash]).size, 3);
});

test("a bad line is refused with its number and what to do", async () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    ["{", /^tasks\.ndjson:2: not valid JSON: /],
    [[1], /expected a map \(a task of a list\), got a list/],
    [{}, /expected one of run, argv or call, got none/],
    [{ run: "x", argv: ["y"] }, /got run and argv/],
    [{ run: "x", timeot: "1s" }, /unknown field "timeot" in a task of a list; did you mean "timeout"/],
    [{ run: "x", timeout: 5 }, /timeout: expected a duration .* a number needs its unit/],
    [{ run: "x", needs: ["a"] }, /cannot need each other.*write a flow file/],
    [{ run: "x", retries: -1, priority: "hi" }, /\(and 1 more\)$/],
    [{ argv: [] }, /expected a list of a program and its arguments/],
    [{ run: "x", with: 1 }, /with is only for call/],
    [{ call: "./handlers.ts#go", stdin: "x" }, /stdin is only for run/],
    [{ call: "go" }, /names no module/],
  ];
  for (const [line, message] of cases) await assert.rejects(read({ run: "ok" }, line), { code: "invalid_input", message });
  await assert.rejects(read({ call: "./gone.ts#go" }), { code: "handler_missing", message: /^tasks\.ndjson:1: the module "\.\/gone\.ts"/ });
});
