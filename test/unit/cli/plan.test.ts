// `makespan plan` and `makespan run --plan`, as a person or a program sees them.
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite, test } from "node:test";
import { cli } from "../../support/cli.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const FLOW = `
name: render
resources: { gpu: 1 }
agents:
  shell: { kind: command, slots: 2 }
tasks:
  small: { run: a, estimate: 2s }
  check: { run: a, estimate: 6s, uses: gpu }
  train: { run: a, estimate: 6s, uses: gpu }
  unknown: { run: a }
  last: { run: a, needs: train, estimate: 4s }
`;

function folderWith(t: Parameters<typeof temporaryFolder>[0], files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

interface PlanJson {
  readonly makespan_s: number;
  readonly lower_bound_s: number;
  readonly ratio: number;
  readonly is_proved_best: boolean;
  readonly unplanned_makespan_s: number;
  readonly order: readonly string[];
  readonly tasks: readonly { readonly id: string; readonly start_s: number; readonly finish_s: number; readonly agent: string | null }[];
  readonly notes: readonly string[];
}

async function planned(folder: string, ...words: readonly string[]): Promise<PlanJson> {
  const { code, stdout, stderr } = await cli(["plan", ...words, "--schedules", "2000", "--json"], { folder });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as PlanJson;
}

suite("makespan plan", () => {
  test("says as JSON how long the flow takes, in which order, and what was assumed", async (t) => {
    const plan = await planned(folderWith(t, { "flow.yaml": FLOW }), "flow.yaml");
    const at = (id: string) => plan.tasks.find((task) => task.id === id)!;
    // Work of 22 s (unknown counts as the median, 4 s) on two slots, and 12 s of it one after the other.
    assert.equal(plan.makespan_s, 12);
    assert.equal(plan.lower_bound_s, 12);
    assert.equal(plan.ratio, 1);
    assert.equal(plan.is_proved_best, true);
    // In the order of the file, check takes the GPU first and train, which last waits for, comes second.
    assert.equal(plan.unplanned_makespan_s, 16);
    assert.ok(at("train").finish_s <= at("check").start_s || at("check").finish_s <= at("train").start_s);
    assert.deepEqual(plan.order.toSorted(), ["check", "last", "small", "train", "unknown"]);
    assert.deepEqual(plan.notes, ["1 task without an estimate counts 4 s, the median of the others."]);
  });

  test("shows a timeline and the tasks to people", async (t) => {
    const { stdout } = await cli(["plan", "flow.yaml"], { folder: folderWith(t, { "flow.yaml": FLOW }) });
    assert.match(stdout, /^render: 5 tasks on 2 slots in 12 s; /);
    assert.match(stdout, /Lower bound {2}12 s, so no plan is shorter/);
    assert.match(stdout, /shell {2}[█▒]+·*\n/);
    assert.match(stdout, /START {2}TAKES {2}AGENT {2}TASK/);
  });

  test("plans for other agents: a number of them, or a file", async (t) => {
    const folder = folderWith(t, { "flow.yaml": FLOW, "fleet.yaml": "- { name: fast, speed: 4 }\n- { name: slow, count: 2, types: [other] }\n" });
    assert.equal((await planned(folder, "flow.yaml", "--agents", "1")).makespan_s, 22);
    const onFleet = await planned(folder, "flow.yaml", "--agents", "fleet.yaml");
    assert.equal(onFleet.makespan_s, 5.5);
    assert.ok(onFleet.tasks.every(({ agent }) => agent === "fast"));
  });

  test("gives the same plan for the same seed and number of schedules", async (t) => {
    const folder = folderWith(t, { "flow.yaml": FLOW });
    const { tasks, order } = await planned(folder, "flow.yaml", "--seed", "7");
    const again = await planned(folder, "flow.yaml", "--seed", "7");
    assert.deepEqual({ tasks: again.tasks, order: again.order }, { tasks, order });
  });

  test("reads a recorded workflow", async (t) => {
    const workflow = {
      name: "recorded",
      workflow: {
        specification: { tasks: [{ name: "a_1", id: "a", children: ["b"], parents: [] }, { name: "b_2", id: "b", parents: ["a"], children: [] }] },
        execution: { tasks: [{ id: "a", runtimeInSeconds: 1.5 }, { id: "b", runtimeInSeconds: 2 }] },
      },
    };
    const plan = await planned(folderWith(t, { "recorded.json": JSON.stringify(workflow) }), "recorded.json", "--agents", "3");
    assert.equal(plan.makespan_s, 3.5);
    assert.deepEqual(plan.order, ["a", "b"]);
  });

  test("writes a page with the timeline, which needs nothing else", async (t) => {
    const folder = folderWith(t, { "flow.yaml": FLOW });
    const { stdout } = await cli(["plan", "flow.yaml", "--report", "plan.html"], { folder });
    assert.match(stdout, /Timeline: .*plan\.html\n$/);
    const page = readFileSync(join(folder, "plan.html"), "utf8");
    assert.match(page, /A plan: nothing was run/);
    assert.match(page, /"outcomes":\[[^\]]*"planned"\]/);
    assert.doesNotMatch(page, /(?:src|href)="https?:/);
  });
});

suite("makespan plan refuses", () => {
  const recorded = (runtime: unknown, parents: readonly string[] = []): string =>
    JSON.stringify({ name: "w", workflow: { specification: { tasks: [{ name: "a", id: "a", parents, children: [] }, { name: "b", id: "b", parents: ["a"], children: [] }] }, execution: { tasks: [{ id: "a", runtimeInSeconds: runtime }, { id: "b", runtimeInSeconds: 1 }] } } });
  const refusals: readonly (readonly [what: string, file: string, text: string, words: readonly string[], code: string, message: RegExp])[] = [
    ["no agents", "flow.yaml", FLOW, ["--agents", "0"], "invalid_option", /--agents takes a whole number from 1 to 10000 or an agents file, got "0"/],
    ["agents that are not there", "flow.yaml", FLOW, ["--agents", "nobody.yaml"], "invalid_input", /nobody\.yaml: there is no such file/],
    ["a file of no agents", "flow.yaml", FLOW, ["--agents", "flow.yaml"], "invalid_input", /flow\.yaml/],
    ["a circle in a flow", "flow.yaml", "tasks: { a: { run: x, needs: b }, b: { run: x, needs: a } }", [], "flow_cycle", /in a circle/],
    ["a circle in a recorded workflow", "w.json", recorded(1, ["b"]), [], "flow_cycle", /Tasks need each other in a circle: [ab] -> [ab] -> [ab]/],
    ["a negative runtime", "w.json", recorded(-1), [], "invalid_input", /runtime of a .* got -1/],
    ["a runtime that is no number", "w.json", recorded("NaN"), [], "invalid_input", /runtime of a/],
    ["a need that is not there", "w.json", recorded(1, ["zz"]), [], "dependency_unknown", /a needs "zz"/],
    ["a demand above what there is", "flow.yaml", "resources: { gpu: 1 }\ntasks: { a: { run: x, uses: { gpu: 2 } } }", [], "flow_file_invalid", /2:\d+: tasks\.a\.uses\.gpu: it uses 2 of gpu/],
    ["a negative estimate", "flow.yaml", "tasks: { a: { run: x, estimate: -3s } }", [], "flow_file_invalid", /estimate/],
  ];
  for (const [what, file, text, words, code, message] of refusals) {
    test(what, async (t) => {
      const run = await cli(["plan", file, ...words, "--json"], { folder: folderWith(t, { [file]: text }) });
      assert.equal(run.code, 2, run.stdout);
      const { error } = JSON.parse(run.stderr) as { readonly error: { readonly code: string; readonly message: string } };
      assert.equal(error.code, code);
      assert.match(error.message, message);
    });
  }
});

suite("makespan run --plan", () => {
  const RUN = `
agents: { shell: { kind: command, slots: 1 } }
tasks:
  short: { run: echo short >> order.txt, estimate: 1s }
  long: { run: echo long >> order.txt, estimate: 5s }
  after: { run: echo after >> order.txt, needs: long, estimate: 9s }
`;

  test("starts tasks in the planned order, and says so", async (t) => {
    const folder = folderWith(t, { "flow.yaml": RUN });
    const { code, stdout } = await cli(["run", "flow.yaml", "--plan", "--budget-ms", "50"], { folder });
    assert.equal(code, 0);
    assert.equal(readFileSync(join(folder, "order.txt"), "utf8"), "long\nafter\nshort\n");
    assert.match(stdout.replaceAll(/\s+/g, " "), /Tasks started in a planned order: 15 s by their estimates, 15 s without the plan, no plan under 15 s/);
  });

  test("also when the file has a policy of its own", async (t) => {
    const folder = folderWith(t, { "flow.yaml": `policy: fcfs${RUN}` });
    assert.equal((await cli(["run", "flow.yaml", "--plan", "-q"], { folder })).code, 0);
    assert.equal(readFileSync(join(folder, "order.txt"), "utf8"), "long\nafter\nshort\n");
  });

  test("leaves the policy that was chosen for the queue as it was, also for the runs after it", async (t) => {
    const folder = folderWith(t, { "flow.yaml": RUN });
    const run = async (...words: string[]): Promise<string> => {
      rmSync(join(folder, "order.txt"), { force: true });
      assert.equal((await cli(["run", "flow.yaml", "-q", "--fresh", ...words], { folder })).code, 0);
      return readFileSync(join(folder, "order.txt"), "utf8");
    };
    const policy = async (...words: string[]): Promise<string> => (await cli(["policy", ...words], { folder })).stdout;
    await run();
    await policy("run:flow", "fcfs");
    assert.equal(await run("--plan"), "long\nafter\nshort\n");
    assert.match(await policy(), /run:flow +fcfs/);
    assert.equal(await run(), "short\nlong\nafter\n");
    assert.match(await policy(), /run:flow +fcfs/);
  });

  test("without it they start as the file lists them", async (t) => {
    const folder = folderWith(t, { "flow.yaml": RUN });
    assert.equal((await cli(["run", "flow.yaml", "-q"], { folder })).code, 0);
    assert.equal(readFileSync(join(folder, "order.txt"), "utf8"), "short\nlong\nafter\n");
  });

  test("is for flow files", async (t) => {
    const folder = folderWith(t, { "list.ndjson": '{ "run": "true" }\n' });
    const { code, stderr } = await cli(["run", "list.ndjson", "--plan"], { folder });
    assert.equal(code, 2);
    assert.match(stderr, /--plan is for flow files/);
    assert.match((await cli(["run", "flow.yaml", "--plan", "--policy", "fcfs"], { folder })).stderr, /give one of them/);
    assert.match((await cli(["run", "list.ndjson", "--budget-ms", "5"], { folder })).stderr, /give --plan with it/);
  });
});
