// Workloads from files: formats, gzip, streaming in batches, sorting, a store file's history, files of agents, and what is refused.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { readAgentsFile } from "../../../src/app/simulate/agents-file.ts";
import { runSimulation } from "../../../src/app/simulate/run.ts";
import { openWorkload, type OpenWorkload } from "../../../src/app/simulate/workload.ts";
import { defineTask, open } from "../../../src/app/index.ts";
import { isMakespanError, type ErrorCode } from "../../../src/protocol/errors.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const CSV = "arrival_s,service_s,type\n0,1,a\n0.5,1,b\n1,1,a\n";

const makespan = async (workload: OpenWorkload, agents = 1): Promise<number> => Math.round((await runSimulation(workload, { agents })).result.makespan_ms);

const refused = (code: ErrorCode, message: RegExp) => (error: unknown) => {
  assert.ok(isMakespanError(error, code), String(error));
  assert.match(error.message, message);
  return true;
};

test("a file is read by its name, gzipped or not", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "a.csv"), CSV);
  writeFileSync(join(folder, "a.csv.gz"), gzipSync(CSV));
  writeFileSync(join(folder, "a.ndjson"), '{"arrival_s":0,"service_s":3}\n');
  writeFileSync(join(folder, "a.swf.gz"), gzipSync("; comment\n1 0 5 3 4 -1 -1 4 200 -1 1 7 1 1 1 1 -1 -1\n"));
  writeFileSync(join(folder, "a.json"), JSON.stringify({ workflow: { tasks: [{ name: "x", runtime: 3, parents: [] }] } }));
  for (const name of ["a.csv", "a.csv.gz", "a.ndjson", "a.swf.gz", "a.json"]) {
    const workload = await openWorkload(name, { folder });
    assert.equal(workload.tasks.kind, "workload");
    assert.equal(await makespan(workload), 3000, name);
  }
});

test("a long file is simulated as it is read, with the same decisions as from memory", async (t) => {
  const folder = temporaryFolder(t);
  const lines = Array.from({ length: 20_000 }, (_, index) => `${index / 2},${1 + (index % 3) / 4},t${index % 2}`);
  writeFileSync(join(folder, "long.csv.gz"), gzipSync(`arrival_s,service_s,type\n${lines.join("\n")}\n`));
  const whole = await openWorkload("long.csv.gz", { folder });
  const stream = await openWorkload("long.csv.gz", { folder, inMemory: 100 });
  assert.deepEqual([whole.tasks.kind, stream.tasks.kind], ["workload", "stream"]);
  const [one, other] = [await runSimulation(whole, { agents: 3 }), await runSimulation(stream, { agents: 3, series: true })];
  assert.equal(one.result.decisions_hash, other.result.decisions_hash);
  assert.equal(other.result.completed, 20_000);
  assert.equal(one.plots, undefined);
  assert.ok(other.plots!.sojournQuantile(0.5) > 0 && other.plots!.series.busy.length > 10);
  // Once more from the first line on.
  assert.equal((await runSimulation(stream, { agents: 3 })).result.decisions_hash, one.result.decisions_hash);
});

test("arrivals out of order are sorted, and that is said, also in a long file", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "mixed.csv"), "arrival_s,service_s\n5,1\n0,1\n2,1\n");
  for (const inMemory of [100, 1]) {
    const workload = await openWorkload("mixed.csv", { folder, inMemory });
    assert.match(workload.notes.join(), /not in order \(line 3 comes before the one above it\): they were sorted/);
    assert.equal(await makespan(workload), 6000);
  }
});

test("what a store file recorded is a workload, and its agents are the fleet", async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, "app.db");
  const work = defineTask({ type: "work", handler: async (input: { n: number }) => input.n });
  {
    await using app = await open({ path, tasks: [work] });
    const flow = await app.submitFlow("flow", (add) => {
      const first = add(work, { n: 1 });
      return { last: add(work, { n: 2 }, { needs: [first] }) };
    });
    await flow.tasks.last.result();
  }
  const workload = await openWorkload(path);
  assert.equal(workload.taskCount, 2);
  assert.ok(workload.agents!.length > 0);
  const { result } = await runSimulation(workload, { agents: workload.agents! });
  assert.equal(result.completed, 2);
  assert.deepEqual(result.by_class.map(({ name }) => name), ["work"]);
});

test("bad files are refused with file and line", async (t) => {
  const folder = temporaryFolder(t);
  const written = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content);
    return name;
  };
  await assert.rejects(openWorkload("nothing.csv", { folder }), refused("invalid_input", /nothing.csv: there is no such file, and no generator of that name; generators are poisson/));
  await assert.rejects(openWorkload(".", { folder }), refused("invalid_input", /it is a folder/));
  await assert.rejects(openWorkload(written("empty.csv", ""), { folder }), refused("invalid_input", /empty.csv: has no tasks/));
  await assert.rejects(openWorkload(written("bad.csv", "arrival_s,service_s\n0,-1\n"), { folder }), refused("invalid_input", /^bad.csv: line 2: service_s is a number of seconds, 0 or more, got "-1"/));
  await assert.rejects(openWorkload(written("cycle.csv", "arrival_s,service_s,id,needs\n0,1,a,b\n0,1,b,a\n"), { folder }), refused("flow_cycle", /cycle.csv: .*circle/));
  await assert.rejects(openWorkload(written("need.csv", "arrival_s,service_s,id,needs\n0,1,a,z\n"), { folder }), refused("dependency_unknown", /line 2: needs "z"/));
  await assert.rejects(openWorkload(written("cut.csv.gz", gzipSync(CSV).subarray(0, 30)), { folder }), refused("invalid_input", /its compression is damaged/));
  await assert.rejects(openWorkload("poisson:rate=0", { folder }), refused("invalid_option", /rate is a number greater than 0/));
  await assert.rejects(runSimulation(await openWorkload("poisson", { folder }), { agents: 1, policy: "sfj" }), refused("policy_unknown", /known policies: fcfs, sjf/));
});

test("a file of agents, as YAML or JSON, with every field", (t) => {
  const folder = temporaryFolder(t);
  const yaml = join(folder, "agents.yaml");
  writeFileSync(yaml, "agents:\n  - { name: fast, count: 2, slots: 4, speed: 2, speeds: { a: 3 }, types: [a, b], weight: 2, region: eu, cost_per_hour: 1.5, start_up_s: 3 }\n  - { workers: 1, failures: { mean_time_between_s: 100, mean_repair_s: 5 }, slowdowns: { probability: 0.1, factor: 4 }, attempt_failure_probability: 0.01 }\n");
  assert.deepEqual(readAgentsFile(yaml).agents, [
    { name: "fast", count: 2, slots: 4, speed: 2, speeds: { a: 3 }, types: ["a", "b"], weight: 2, region: "eu", costPerHour: 1.5, startUpMs: 3000 },
    { workers: 1, failures: { meanTimeBetweenMs: 100_000, meanRepairMs: 5000 }, slowdowns: { probability: 0.1, factor: 4 }, attemptFailureProbability: 0.01 },
  ]);
  const json = join(folder, "agents.json");
  writeFileSync(json, '[{ "count": 3 }]');
  assert.deepEqual(readAgentsFile(json), { agents: [{ count: 3 }] });
  writeFileSync(json, '{ "agents": [{}], "distances": { "eu": { "us": 90 } }, "type_limits": { "a": 2 }, "limits": { "gpu": "5/1m" } }');
  assert.deepEqual(readAgentsFile(json), { agents: [{}], distances: { eu: { us: 90 } }, typeLimits: { a: 2 }, limits: { gpu: { kind: "window", units: 5, perMs: 60_000 } } });
  const bad = (text: string, message: RegExp): void => {
    writeFileSync(json, text);
    assert.throws(() => readAgentsFile(json, "agents.json"), refused("invalid_input", message));
  };
  bad('[{ "speed": 0 }]', /agents.json: 0.speed: /);
  bad('[{ "spede": 1 }]', /spede/);
  bad("7", /expected a list of groups/);
  bad("{", /neither YAML nor JSON|expected/);
  assert.throws(() => readAgentsFile(join(folder, "none.yaml"), "none.yaml"), refused("invalid_input", /none.yaml: there is no such file; give a number of agents, or a file/));
});
