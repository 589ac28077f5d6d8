// Every reader of workload files on small texts, good and bad: what is wrong is said with its line.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { CsvReader, NdjsonReader, parseWfFormat, SimulationRefusal, simulate, SwfReader, TaskList, type LineReader, type TaskEntry } from "../../../src/sim/index.ts";

function read(reader: LineReader, text: string): readonly TaskEntry[] {
  return text.split("\n").flatMap((line, index) => reader.read(line, index + 1) ?? []);
}

const csv = (text: string, map?: readonly string[]): readonly TaskEntry[] => read(new CsvReader(map), text);
const ndjson = (text: string): readonly TaskEntry[] => read(new NdjsonReader(), text);
const swf = (text: string): readonly TaskEntry[] => read(new SwfReader(), text);

function refused(run: () => unknown, message: RegExp, line?: number): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof SimulationRefusal);
    assert.match(error.message, message);
    if (line !== undefined) assert.equal(error.detail["line"], line);
    return true;
  });
}

test("CSV: every field, quotes, other separators, columns that are not fields", () => {
  const [task] = csv("id,arrival_s,service_s,type,tenant,session,priority,weight,due_s,deadline_s,estimate_s,needs,cost,size,queue,region,limit_key,uses,colour\r\na,1.5,2,big,x,s,1,2,10,20,3,b;c,0.5,7,q,eu,k,gpu=1;tokens=500,red\r");
  assert.deepEqual(task, {
    id: "a", arrivalMs: 1500, serviceMs: 2000, type: "big", tenant: "x", session: "s", priority: 1, weight: 2, dueMs: 10_000, deadlineMs: 20_000, estimateMs: 3000,
    needs: ["b", "c"], cost: 0.5, size: 7, queue: "q", region: "eu", limitKey: "k", uses: [{ limit: "gpu", amount: 1 }, { limit: "tokens", amount: 500 }], line: 2,
  });
  assert.equal(csv('\uFEFFarrival_s;service_s;type\n0;1;"a;""b"""')[0]?.type, 'a;"b"');
  assert.equal(csv("arrival_s\tservice_s\n0\t1").length, 1);
  assert.deepEqual(csv("arrival_s,service_s,due_s\n0,1,\n\n").map(({ dueMs }) => dueMs), [undefined]);
});

test("CSV: a mapping computes fields, and instants count from the first", () => {
  const text = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04.0319600,3180,8\n2023-11-17T00:17:04Z,1,1";
  const reader = new CsvReader();
  const tasks = read(reader, text);
  assert.match(reader.notes[0] ?? "", /Azure LLM trace/);
  assert.deepEqual(tasks.map(({ arrivalMs }) => Math.round(arrivalMs * 1000) / 1000), [0, 52, 21_600_020.04]);
  assert.deepEqual(tasks.map(({ serviceMs }) => Math.round(serviceMs)), [1452, 995, 25]);
  assert.deepEqual(tasks.map(({ size }) => size), [4808, 3180, 1]);
  assert.equal(csv("when,took\n3,4", ["arrival_s=when", "service_s=2*took+1"])[0]?.serviceMs, 9000);
});

test("CSV: what is wrong is said, with its line", () => {
  refused(() => csv("arrival_s,service_s\n0,1\n-1,1"), /Line 3: arrival_s is a number of seconds, 0 or more, got "-1"/, 3);
  refused(() => csv("arrival_s,service_s\n0,NaN"), /Line 2: service_s/, 2);
  refused(() => csv("arrival_s,service_s\n0,"), /Line 2: service_s is missing/, 2);
  refused(() => csv("arrival_s,service_s\n0,1,2"), /has 3 columns where the heading has 2/, 2);
  refused(() => csv("when,took\n0,1"), /no column arrival_s and no service_s; the columns are when, took.*--map arrival_s=when/, 1);
  refused(() => csv('arrival_s,service_s,type\n0,1,"a'), /a quote is not closed/, 2);
  refused(() => csv("a,b\n0,1", ["arrival_s=a", "service_s=c"]), /no column "c", which the mapping names/);
  refused(() => csv("a,b\n0,x", ["arrival_s=a", "service_s=2*b"]), /service_s is computed from b, a number, got "x"/, 2);
  refused(() => new CsvReader(["speed=a"]), /the field before = is one of arrival_s/);
  refused(() => new CsvReader(["service_s=a*b"]), /a number and a column/);
  refused(() => new CsvReader(["type=2*a"]), /type is a text/);
});

test("NDJSON: fields, lists of needs, null for absent; bad lines are named", () => {
  assert.deepEqual(ndjson('{"arrival_s":0,"service_s":1,"needs":["a",7],"id":3,"due_s":null,"colour":{}}'), [{ arrivalMs: 0, serviceMs: 1000, needs: ["a", "7"], id: "3", line: 1 }]);
  refused(() => ndjson('{"arrival_s":0,"service_s":1}\n{oops'), /Line 2: is not JSON/, 2);
  refused(() => ndjson("[1]"), /Line 1: expected an object/, 1);
  refused(() => ndjson('{"arrival_s":"x","service_s":1}'), /arrival_s is a number of seconds/, 1);
  refused(() => ndjson('{"arrival_s":0}'), /service_s is missing/, 1);
  refused(() => ndjson('{"arrival_s":0,"service_s":1,"type":{}}'), /type is a text, a number or a list/, 1);
  refused(() => ndjson('{"arrival_s":0,"service_s":1,"priority":true}'), /priority/, 1);
});

test("SWF: jobs, think times, comments; cancelled jobs are left out and said", () => {
  const reader = new SwfReader();
  const tasks = read(reader, "; Version: 2.2\n1 0 5 100 4 -1 -1 4 200 -1 1 7 1 1 1 1 -1 -1\n2 10 0 -1 4 -1 -1 4 200 -1 5 7 1 1 1 1 -1 -1\n3 20 0 50 1 -1 -1 -1 -1 -1 1 8 1 1 1 1 1 30");
  assert.deepEqual(tasks, [
    { id: "1", arrivalMs: 0, serviceMs: 100_000, type: "job", tenant: "user7", estimateMs: 200_000, size: 4, line: 2 },
    { id: "3", arrivalMs: 20_000, serviceMs: 50_000, type: "job", tenant: "user8", estimateMs: undefined, size: 1, needs: ["1"], thinkMs: 30_000, line: 4 },
  ]);
  assert.deepEqual(reader.notes, ["1 jobs have no run time (cancelled before they ran, or unknown): they were left out."]);
  // The second job is released 30 s after the first has ended.
  assert.equal(Math.round(simulate({ workload: tasks, agents: 1 }).makespan_ms), 180_000);
  refused(() => swf("1 2 3"), /Line 1: expected the 18 numbers/, 1);
  refused(() => swf("1 -5 5 100 4 -1 -1 4 200 -1 1 7 1 1 1 1 -1 -1"), /submit time/, 1);
});

test("WfFormat: new and old versions, and what is wrong", () => {
  const tasks = [{ name: "a_1", id: "a", children: ["b"], parents: [] }, { name: "b_2", id: "b", children: [], parents: ["a"] }];
  const text = JSON.stringify({ workflow: { specification: { tasks }, execution: { tasks: [{ id: "a", runtimeInSeconds: 2 }, { id: "b", runtimeInSeconds: 3 }] } } });
  assert.deepEqual(parseWfFormat(text), [
    { id: "a", type: "a", arrivalMs: 0, serviceMs: 2000, estimateMs: 2000, needs: [] },
    { id: "b", type: "b", arrivalMs: 0, serviceMs: 3000, estimateMs: 3000, needs: ["a"] },
  ]);
  const old = JSON.stringify({ workflow: { tasks: [{ name: "x", runtime: 1, parents: [] }, { name: "y", runtime: 1, parents: ["x"] }] } });
  assert.equal(simulate({ workload: parseWfFormat(old), agents: 2 }).makespan_ms, 2000);
  refused(() => parseWfFormat("{"), /WfFormat: the file is JSON/);
  refused(() => parseWfFormat("{}"), /workflow is an object, got nothing/);
  refused(() => parseWfFormat(JSON.stringify({ workflow: { tasks: [{ name: "x" }] } })), /the runtime of x is a number of seconds/);
  refused(() => new TaskList(parseWfFormat(JSON.stringify({ workflow: { tasks: [{ name: "x", runtime: 1, parents: ["z"] }] } }))), /needs "z"/);
});

const recorded = join(process.env["MAKESPAN_DATA"] ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url)), "wfformat");
test("recorded workflows in WfFormat run to their end, no faster than their critical path allows", { skip: existsSync(recorded) ? false : `${recorded} is not there` }, () => {
  for (const name of readdirSync(recorded).filter((file) => file.endsWith(".json"))) {
    const entries = parseWfFormat(readFileSync(join(recorded, name), "utf8"));
    const alone = simulate({ workload: entries, agents: 1 });
    const many = simulate({ workload: entries, agents: 200, policy: "critical-path" });
    assert.equal(alone.completed, entries.length);
    const workMs = entries.reduce((sum, { serviceMs }) => sum + serviceMs, 0);
    assert.ok(Math.abs(alone.makespan_ms / workMs - 1) < 1e-9, name);
    assert.ok(many.makespan_ms < workMs && many.makespan_ms >= Math.max(...entries.map(({ serviceMs }) => serviceMs)), name);
  }
});
