// `makespan simulate` from the command line: tables for people, one JSON object for programs, a report, and refusals.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { defineTask, open } from "../../../src/app/index.ts";
import { cli } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const CSV = `arrival_s,service_s,tenant,due_s\n${Array.from({ length: 40 }, (_, index) => `${index % 4},${1 + ((index * 7) % 10)},t${index % 2},${60 + index}`).sort((a, b) => Number(a.split(",")[0]) - Number(b.split(",")[0])).join("\n")}\n`;

test("one policy: figures in words and tables", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "w.csv"), CSV);
  const { code, stdout, stderr } = await cli(["simulate", "-w", "w.csv", "-a", "2", "-p", "sjf", "--estimates", "exact"], { folder });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^w\.csv: sjf/);
  assert.match(stdout, /Tasks +40 completed/);
  assert.match(stdout, /Due dates +\d+ of 40 missed/);
  assert.match(stdout, /By tenant\n +TENANT +TASKS/);
  assert.match(stdout, /By agent\n +AGENT +TASKS +UTIL/);
});

test("--json is one object, and the same for the same seed", async (t) => {
  const folder = temporaryFolder(t);
  const run = async (seed: string): Promise<Record<string, unknown>> => {
    const { stdout, code } = await cli(["simulate", "-w", "poisson:rate=1.5,tasks=500", "-a", "2", "--seed", seed, "--json"], { folder });
    assert.equal(code, 0);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const [first, again, other] = [await run("3"), await run("3"), await run("4")];
  assert.equal(first["decisions_hash"], again["decisions_hash"]);
  assert.notEqual(first["decisions_hash"], other["decisions_hash"]);
  for (const name of ["tasks", "events", "events_per_s", "sojourn_ms", "wait_ms", "service_ms", "slowdown", "makespan_ms", "utilization", "deadline_misses", "tardiness_ms", "throughput_per_s", "fairness_jain", "cost", "cost_per_completed_task", "preemptions", "retries", "by_class", "by_tenant", "by_agent", "sessions", "workload", "notes"]) {
    assert.ok(name in first, name);
  }
  assert.deepEqual(Object.keys(first["sojourn_ms"] as object), ["mean", "p50", "p95", "p99", "max"]);
});

test("the limits of a store file hold in its simulation, unless a file of agents declares its own", async (t) => {
  const folder = temporaryFolder(t);
  const held = defineTask({ type: "held", handler: (_input: number) => delay(20) });
  {
    await using app = await open({ path: join(folder, "app.db"), tasks: [held], limits: { api: { kind: "slots", units: 1 } }, slots: 4 });
    const tasks = await app.submitMany(held, [1, 2, 3, 4], { uses: { api: 1 } });
    await Promise.all(tasks.map((task) => task.result()));
  }
  writeFileSync(join(folder, "free.yaml"), "agents: [{ slots: 4 }]\nlimits: { api: { kind: slots, units: 4 } }\n");
  const simulated = async (...args: readonly string[]): Promise<number> => {
    const { stdout, stderr, code } = await cli(["simulate", "-w", "app.db", "--json", ...args], { folder });
    assert.equal(code, 0, stderr);
    return (JSON.parse(stdout) as { readonly makespan_ms: number }).makespan_ms;
  };
  assert.ok((await simulated()) >= 4 * 19, "one after the other");
  assert.ok((await simulated("-a", "4")) >= 4 * 19);
  assert.ok((await simulated("-a", "free.yaml")) < 4 * 19);
});

test("--compare: a table with the best of each column marked, and a report with plots that loads nothing", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "w.csv"), CSV);
  const { code, stdout, stderr } = await cli(["simulate", "-w", "w.csv", "-a", "2", "--compare", "fcfs,sjf:aging=off", "--estimates", "exact", "-o", "page.html"], { folder });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /POLICY +SOJOURN/);
  assert.match(stdout, /sjf:aging=off +[\d.]+ s \*/);
  const page = readFileSync(join(folder, "page.html"), "utf8");
  assert.equal(page.match(/<path class="curve stroke-1"/g)?.length, 3);
  assert.match(page, /<td class="number best">/);
  assert.doesNotMatch(page, /<script|https?:|NaN|Infinity|undefined/);
  const json = await cli(["simulate", "-w", "w.csv", "--compare", "fcfs,sjf", "--json"], { folder });
  assert.deepEqual((JSON.parse(json.stdout) as { compare: { policy: string }[] }).compare.map(({ policy }) => policy), ["fcfs", "sjf"]);
});

test("--seeds: means with confidence intervals", async () => {
  const { stdout } = await cli(["simulate", "-w", "poisson:rate=0.5,tasks=300", "--seeds", "3", "--json"]);
  const { seeds, intervals } = JSON.parse(stdout) as { seeds: number; intervals: Record<string, { mean: number; half_width_99: number }> };
  assert.equal(seeds, 3);
  assert.ok(intervals["sojourn_ms.mean"]!.half_width_99 > 0);
  const text = await cli(["simulate", "-w", "poisson:rate=0.5,tasks=300", "--seeds", "3"]);
  assert.match(text.stdout, /3 seeds\n\n.*MEAN +± \(99 %\)\n +sojourn/);
});

test("agents from a file, fair share, scale and warm-up", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "w.csv"), CSV);
  writeFileSync(join(folder, "agents.yaml"), "- { name: big, slots: 2, speed: 2, cost_per_hour: 36 }\n");
  const { stdout, code, stderr } = await cli(["simulate", "-w", "w.csv", "-a", "agents.yaml", "--fair-share", "t0=3,t1=1", "--load", "2", "--speed-up", "2", "--warm-up", "0.25", "--json"], { folder });
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout) as { tasks: number; cost: number; by_agent: { name: string }[] };
  assert.equal(result.tasks, 30);
  assert.ok(result.cost > 0);
  assert.deepEqual(result.by_agent.map(({ name }) => name), ["big"]);
});

test("what makes no sense is refused in one line, with exit code 2", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "bad.csv"), "arrival_s,service_s\n0,oops\n");
  const refused = async (args: readonly string[], message: RegExp): Promise<void> => {
    const { code, stdout, stderr } = await cli(["simulate", ...args], { folder });
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
    assert.match(stderr, message);
    assert.equal(stderr.trimEnd().split("\n").length, 1);
  };
  await refused([], /--workload is needed/);
  await refused(["-w", "bad.csv"], /bad.csv: line 2: service_s/);
  await refused(["-w", "poisson", "-a", "0"], /--agents takes a whole number of 1 or more, or a file, got "0"/);
  await refused(["-w", "poisson", "-a", "many"], /many: there is no such file; give a number of agents/);
  await refused(["-w", "poisson", "-p", "sfj"], /known policies: fcfs, sjf.*; did you mean "sjf"\?/);
  await refused(["-w", "poisson", "-b", "best"], /known balancers: round-robin/);
  await refused(["-w", "poisson", "--speed-up", "0"], /--speed-up takes a number greater than 0/);
  await refused(["-w", "poisson", "--fair-share", "a=x"], /--fair-share takes equal, or weights/);
  await refused(["-w", "poisson", "--warm-up", "-1"], /--warm-up takes a share below 1/);
  await refused(["-w", "poisson:tasks=10", "-o", "none/page.html", "-q"].slice(0, 2).concat("--estimates", "guess"), /--estimates takes exact, given, learned/);
});
