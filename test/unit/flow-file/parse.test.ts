// Flow files that are right: what they become. Flow files that are wrong: every problem with its line, column and advice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeWork } from "../../../src/cli/run/describe.ts";
import { isMakespanError, type MakespanError } from "../../../src/protocol/errors.ts";
import { parseFlowFile } from "../../../src/protocol/flow-file/parse.ts";
import { flowFileJsonSchema } from "../../../src/protocol/flow-file/schema.ts";
import { expandMember } from "../../../src/protocol/flow-file/members.ts";
import type { Problem } from "../../../src/protocol/flow-file/problem.ts";
import { neededIds, type FlowDraft, type TaskDraft } from "../../../src/protocol/task-plan.ts";

function parse(text: string): FlowDraft {
  return parseFlowFile(text, { file: "flow.yaml", defaultName: "flow" });
}

function refusal(text: string): MakespanError & { readonly detail: { readonly problems: readonly Problem[] } } {
  try {
    parse(text);
  } catch (error) {
    if (isMakespanError(error)) return error as ReturnType<typeof refusal>;
    throw error;
  }
  return assert.fail("the file was accepted");
}

/** `line:column message` of each problem. */
function problems(text: string): readonly string[] {
  return refusal(text).detail.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
}

function taskOf(draft: FlowDraft, id: string): TaskDraft {
  const task = draft.tasks.find((one) => one.id === id);
  assert.ok(task, `no task ${id} among ${draft.tasks.map((one) => one.id).join(", ")}`);
  return task;
}

const whole = `
name: report
agents:
  shell: { kind: command, slots: 4 }
  cpu: { kind: threads, count: 2, module: ./handlers.ts }
  fn: { kind: function }
defaults: { retries: 1, timeout: 30s, priority: high, env: { A: b, N: 5 }, cwd: sub, on_dependency_failure: continue }
tasks:
  list: { run: "git ls-files" }
  measure:
    call: measure
    agent: cpu
    needs: [list]
    for_each: [a, { name: b c }, a]
    with: { file: "{item}", at: "{index}", all: "{needs.list}" }
    key: "k-{index}"
    limit: { key: "l-{index}", max: 2 }
  each: { run: [wc, -l, "{item}"], for_each: { from: list, lines: true }, limit: { key: "{item}" } }
  report:
    run: "cat {needs.measure} > out"
    needs: [measure, each, "measure[a]"]
    due: 10m
    deadline: 2030-01-31T18:00:00Z
    estimate: 2s
    priority: 7
    retries: { limit: 3, backoff: fixed, delay: 5s }
    timeout: 1m
    env: { A: "{needs.each}" }
    stdin: x
    result: json
    on_dependency_failure: fail
`;

test("what policies look at: in a task, else in defaults", () => {
  const draft = parse(`
policy: "sjf:aging=off"
defaults: { tenant: acme, session: nightly, weight: 2, size: 100, preemptible: true }
tasks:
  plain: { run: ls }
  own: { run: ls, tenant: beta, session: s, weight: 0.5, size: 0, preemptible: false }
  each: { run: "wc {item}", for_each: [a], size: 7 }
`);
  assert.equal(draft.policy, "sjf:aging=off");
  const traits = ({ tenant, session, weight, size, spec }: TaskDraft): unknown => [tenant, session, weight, size, spec.preemptible];
  assert.deepEqual(traits(taskOf(draft, "plain")), ["acme", "nightly", 2, 100, true]);
  assert.deepEqual(traits(taskOf(draft, "own")), ["beta", "s", 0.5, 0, undefined]);
  assert.deepEqual(traits(taskOf(draft, "each[a]")), ["acme", "nightly", 2, 7, true]);
  assert.equal(parse("tasks:\n  a: { run: ls }").policy, undefined);
  assert.deepEqual(
    problems(`policy: [fcfs]
defaults:
  wieght: 2
tasks:
  a:
    run: ls
    tenant: ""
    weight: 0
    size: -1
    preemptible: "yes"
    session: 42
`),
    [
      "1:9 policy: expected a policy (critical-path, sjf:aging=off), got a list",
      '3:3 defaults.wieght: unknown field "wieght" in defaults; did you mean "weight"?',
      '7:13 tasks.a.tenant: expected the name of a tenant, got ""',
      "8:13 tasks.a.weight: expected a number of more than 0, got 0",
      "9:11 tasks.a.size: expected a number of at least 0, got -1",
      '10:18 tasks.a.preemptible: expected true or false, got "yes"',
      "11:14 tasks.a.session: expected the name of a session, got 42",
    ],
  );
});

test("a flow file becomes a plan with everything resolved", () => {
  const draft = parse(whole);
  assert.equal(draft.name, "report");
  assert.deepEqual(draft.tasks.map((task) => task.id), ["list", "measure[a]", "measure[b c]", "measure[a]#2", "each", "report"]);
  assert.deepEqual(draft.agents, [
    { name: "shell", types: ["shell", "shell/each"], modules: [], implicit: false, kind: "command", slots: 4 },
    { name: "cpu", types: ["cpu/./handlers.ts#measure"], modules: ["./handlers.ts"], implicit: false, kind: "threads", count: 2 },
    { name: "fn", types: [], modules: [], implicit: false, kind: "function", slots: undefined },
  ]);
  const report = taskOf(draft, "report");
  assert.deepEqual(report.spec, {
    type: "shell",
    queue: "default",
    priority: 7,
    retry: { limit: 3, backoff: "fixed", delayMs: 5000, maxDelayMs: 300_000, jitter: 0.2, lossLimit: 10 },
    timeoutMs: 60_000,
    onDependencyFailure: "fail",
  });
  assert.deepEqual(neededIds(report), ["measure[a]", "measure[b c]", "measure[a]#2", "each"]);
  assert.deepEqual(report.needs.map(({ name, group }) => [name, group]), [["measure", true], ["each", false], ["measure[a]", false]]);
  assert.deepEqual([report.dueInMs, report.deadlineAt, report.estimateMs], [600_000, Date.UTC(2030, 0, 31, 18), 2000]);
  assert.equal(describeWork(report), "cat {needs.measure} > out");
});

test("defaults hold where a task says nothing", () => {
  const list = taskOf(parse(whole), "list");
  assert.equal(list.spec.priority, 2);
  assert.equal(list.spec.retry.limit, 1);
  assert.equal(list.spec.timeoutMs, 30_000);
  assert.equal(list.spec.onDependencyFailure, "continue");
  assert.deepEqual(list.work, { kind: "command", command: { kind: "shell", script: ["git ls-files"] }, env: { A: ["b"], N: ["5"] }, cwd: ["sub"], result: "lines" });
});

test("the members of a group have their items in place, and leave results of others open", () => {
  const member = taskOf(parse(whole), "measure[b c]");
  assert.equal(member.group, "measure");
  assert.equal(member.key, "k-1");
  assert.deepEqual(member.limit, { key: "l-1", max: 2 });
  assert.equal(member.expand, undefined);
  assert.deepEqual(member.work.kind === "call" && member.work.with, {
    value: { file: { name: "b c" }, at: 1, all: null },
    holes: [{ path: ["all"], template: [{ ref: { kind: "need", name: "list", path: [] } }] }],
  });
});

test("a task over the result of another is expanded when that is known", () => {
  const each = taskOf(parse(whole), "each");
  assert.deepEqual(each.expand, { from: "list", lines: true, limitKey: [{ ref: { kind: "item", path: [] } }] });
  assert.deepEqual(neededIds(each), ["list"]);
  const member = expandMember(each, "each[x y]", "x y", 0);
  assert.equal(describeWork(member), "wc -l 'x y'");
  assert.deepEqual(member.limit, { key: "x y", max: 1 });
  assert.equal(member.expand, undefined);
});

test("a file without agents gets those that its tasks need", () => {
  const draft = parse(`tasks: { a: { run: x }, b: { call: ./h.ts }, c: { call: "./h.ts#go" } }`);
  assert.deepEqual(draft.agents.map(({ name, kind, implicit, types }) => [name, kind, implicit, types]), [
    ["command", "command", true, ["command"]],
    ["function", "function", true, ["function/./h.ts#default", "function/./h.ts#go"]],
  ]);
});

test("variables are filled in at once, with other values where a run gives them", () => {
  const text = "vars: { dir: a b, n: 5 }\ntasks: { a: { run: 'ls {vars.dir}' }, b: { call: ./h.ts, with: '{vars.n}' } }";
  const [list] = parse(text).tasks;
  assert.ok(list);
  assert.equal(describeWork(list), "ls 'a b'");
  const options = { file: "flow.yaml", defaultName: "flow" };
  assert.equal(describeWork(parseFlowFile(text, { ...options, vars: new Map([["dir", "c;d"]]) }).tasks[0]!), "ls 'c;d'");
  assert.throws(() => parseFlowFile(text, { ...options, vars: new Map([["dri", "x"]]) }), { message: /no variable "dri" to set; did you mean "dir"/ });
  assert.match(refusal("vars: { v: 1.10 }\ntasks: { a: { run: 'x {vars.w}' } }").message, /1\.10 would become 1\.1.*\(and 1 more\)/);
});

test("JSON, tabs and anchors are read as well", () => {
  assert.equal(parse('{\n\t"tasks": {\n\t\t"a": { "run": "x" }\n\t}\n}').tasks.length, 1);
  const [, second] = parse("tasks:\n  a: &it { run: x, retries: 2 }\n  b: { <<: *it, run: [y] }\n").tasks;
  assert.equal(second?.spec.retry.limit, 2);
});

test("all problems are told at once, each at its place", () => {
  const found = problems(`tasks:
  a: { run: x, nedds: [b] }
  b: { run: x, call: y }
  c: { needs: a }
  d: { run: "echo {neds.a}", timeout: 30s }
  e: { run: x, timeout: 30, retries: { limt: 3 } }
  f: { run: x, needs: [aa], env: { V: 1.10 } }
`);
  assert.deepEqual(found, [
    '2:16 tasks.a.nedds: unknown field "nedds" in a task; did you mean "needs"?',
    "3:16 tasks.b.call: it has both run and call: keep one, or make two tasks",
    "4:3 tasks.c: it does nothing: add run (a command) or call (a handler)",
    "5:13 tasks.d.run: {neds.a} has no value: did you mean {needs.a}? (to keep it as text, write {{neds.a})",
    "6:25 tasks.e.timeout: expected a duration such as 30s, 1h30m or 250ms, got 30; a number needs its unit: 30s, 30m or 30ms",
    "6:29 tasks.e.retries.limit: expected a whole number from 0 to 1000000, got nothing",
    '6:40 tasks.e.retries.limt: unknown field "limt" in retries; did you mean "limit"?',
    '7:24 tasks.f.needs.0: it needs "aa", which does not exist; did you mean "a"?',
    '7:39 tasks.f.env.V: 1.10 would become 1.1; write it in quotes: "1.10"',
  ]);
});

test("the message is one line: the first problem and how many more", () => {
  const error = refusal("tasks:\n  a: { run: 5, needs: b }\n");
  assert.equal(error.code, "flow_file_invalid");
  assert.match(error.message, /^flow\.yaml:2:13: tasks\.a\.run: expected a script.* got 5 \(and 1 more\)$/);
  assert.equal(error.detail["file"], "flow.yaml");
});

test("a single kind of problem has a code of its own", () => {
  const cycle = refusal("tasks: { a: { run: x, needs: [b] }, b: { run: x, needs: [c] }, c: { run: x, needs: a } }");
  assert.equal(cycle.code, "flow_cycle");
  assert.match(cycle.message, /in a circle: a -> b -> c -> a$/);
  assert.match(refusal("tasks: { a: { run: x, needs: a } }").message, /a -> a$/);
  assert.match(refusal("tasks: { a: { run: x, for_each: [1], needs: b }, b: { run: y, needs: 'a[1]' } }").message, /a -> b -> a$/);
  assert.equal(refusal("tasks: { a: { run: x, needs: [bee] } }").code, "dependency_unknown");
  const twice = refusal("tasks:\n  a: { run: x }\n  a: { run: y }\n");
  assert.equal(twice.code, "duplicate_id");
  assert.match(twice.message, /^flow\.yaml:3:3: tasks\.a: two tasks have this id \(first on line 2\)$/);
});

test("each kind of bad file has its sentence", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["", /expected a map \(the flow file\), got nothing/],
    ["tasks: {}", /no tasks; a flow needs at least one/],
    ["- a", /expected a map \(the flow file\), got a list/],
    ["tasks:\n  a: [", /^flow\.yaml:\d+:\d+: not valid YAML/],
    ["tasks: {a: {run: x}}\n---\nb: 1", /more than one document/],
    [`tasks: ${"[".repeat(100_000)}`, /nested too deeply/],
    ["tasks:\n  a: *b", /^flow\.yaml:2:6: there is no anchor &b/],
    ["tasks: { 1a: { run: x } }", /an id begins with a letter/],
    ["tasks: { a: }", /expected a map \(a task\), got nothing/],
    ["tasks: { a: { run: x, run: y } }", /this key is there twice/],
    ["tasks: { a: { run: x, for_each: [1], stdin: {item} } }", /write the placeholder in quotes: "\{item\}"/],
    ["tasks: { a: { run: 'echo {item}' } }", /only a task with for_each has it/],
    ["tasks: { a: { run: 'echo {item.k}', for_each: [{ j: 1 }] } }", /the item \{"j":1\} has no k/],
    ["tasks: { a: { run: x, key: '{needs.b}', needs: b }, b: { run: y } }", /not known yet when the task is submitted/],
    ["tasks: { a: { run: x, agent: shel } }\nagents: { shell: { kind: command } }", /no agent "shel"; did you mean "shell"/],
    ["tasks: { a: { run: x, agent: t } }\nagents: { t: { kind: threads } }", /is of kind threads: it does call, not run/],
    ["tasks: { a: { run: x, agent: [s, shel] } }\nagents: { s: { kind: command }, shell: { kind: command } }", /no agent "shel"; did you mean "shell"/],
    ["tasks: { a: { run: x, agent: [s, t] } }\nagents: { s: { kind: command }, t: { kind: threads } }", /"t" is of kind threads: it does call, not run/],
    ["tasks: { a: { run: x, agent: [s, t] } }\nagents: { s: { kind: command }, t: { kind: command }, s+t: { kind: command } }", /an agent called "s\+t"/],
    ["tasks: { a: { run: x, agent: [] } }", /expected the name of an agent or a list of names|at least|>=1/],
    ["tasks: { a: { call: go, agent: [s, t] } }\nagents: { s: { kind: threads, module: ./a.ts }, t: { kind: threads, module: ./b.ts } }", /names no module and its agent has none/],
    ["tasks: { a: { run: x } }\nagents: { s: { kind: command, speed: 0 } }", /agents\.s\.speed: expected a number greater than 0, got 0/],
    ["tasks: { a: { run: x } }\nagents: { s: { kind: command, weight: -1 } }", /agents\.s\.weight: expected a number greater than 0, got -1/],
    ["tasks: { a: { run: x } }\nagents: { s: { kind: command, cost_per_hour: .inf } }", /agents\.s\.cost_per_hour: expected a number of at least 0/],
    ["tasks: { a: { run: x } }\ndistances: { eu: { us: near } }", /distances\.eu\.us: expected a number of at least 0, got "near"/],
    ["tasks: { a: { call: go } }", /names no module/],
    ["tasks: { a: { call: ./h.ts#go, stdin: x } }", /stdin is only for run/],
    ["tasks: { a: { run: x, with: 1 } }", /with is only for call/],
    ["tasks: { a: { run: x } }\nagents: { t: { kind: robots } }", /kind \(command, function, threads, processes\), got "robots"/],
    ["tasks: { a: { run: x } }\nagents: { t: { kind: threads, slots: 1 } }", /unknown field "slots" in an agent of kind threads/],
    ["tasks: { a: { run: [x, 1] } }", /tasks\.a\.run\.1: expected a text, got 1/],
    ["tasks: { a: { run: x, due: 2030-01-01T10:00 } }", /a time needs its zone/],
  ];
  for (const [text, message] of cases) assert.match(refusal(text).message, message, text.slice(0, 80));
});

test("small files that unfold without end are refused", () => {
  const laughs = Array.from({ length: 12 }, (_, index) => `  - &l${index} [${Array.from({ length: 10 }, () => (index === 0 ? "x" : `*l${index - 1}`)).join(", ")}]`).join("\n");
  assert.match(refusal(`tasks: { a: { call: ./h.ts, with: *l11 } }\nx:\n${laughs}`).message, /no anchor|aliases cannot be followed/);
  assert.match(refusal(`x:\n${laughs}\ntasks: { a: { call: ./h.ts, with: *l11 } }`).message, /aliases cannot be followed/);
});

test("ten thousand tasks in a chain are read and a circle through them is found", () => {
  const chain = Array.from({ length: 10_000 }, (_, index) => `  t${index}: { run: x, needs: [t${index + 1}] }`).join("\n");
  assert.equal(parse(`tasks:\n${chain}\n  t10000: { run: x }`).tasks.length, 10_001);
  assert.match(refusal(`tasks:\n${chain}\n  t10000: { run: x, needs: t0 }`).message, /t0 -> t1 -> .* … 9991 more … .* -> t0$/);
});

test("a task may name several agents: they get its type, and what balancers go by", () => {
  const draft = parse(`
balancer: nearest:measured
distances: { eu: { us: 90 } }
agents:
  near: { kind: command, slots: 2, region: eu, speed: 2, weight: 3, cost_per_hour: 0.5 }
  far: { kind: command, region: us }
tasks:
  a: { run: x, agent: [near, far, near], region: eu }
  b: { run: y }
`);
  assert.deepEqual([draft.balancer, draft.distances], ["nearest:measured", { eu: { us: 90 } }]);
  assert.deepEqual(draft.tasks.map(({ agent, agents, region, spec }) => [agent, agents, region, spec.type]), [["near", ["near", "far"], "eu", "near+far"], ["near", undefined, undefined, "near"]]);
  assert.deepEqual(draft.agents.map(({ name, types, traits }) => [name, types, traits]), [
    ["near", ["near+far", "near"], { speed: 2, weight: 3, region: "eu", costPerHour: 0.5 }],
    ["far", ["near+far"], { region: "us" }],
  ]);
});

test("the schema for editors describes the same fields", () => {
  const schema = flowFileJsonSchema() as { readonly properties: Readonly<Record<string, { readonly additionalProperties?: { readonly properties?: object } }>>; readonly required: readonly string[] };
  assert.deepEqual(Object.keys(schema.properties), ["name", "balancer", "distances", "policy", "agents", "vars", "limits", "resources", "defaults", "tasks"]);
  assert.deepEqual(schema.required, ["tasks"]);
  const task = schema.properties["tasks"]?.additionalProperties?.properties ?? {};
  for (const field of ["run", "call", "needs", "for_each", "priority", "retries", "timeout", "due", "estimate", "key", "env", "cwd", "tenant", "weight", "size", "preemptible"]) assert.ok(field in task, field);
});

test("if_late goes with a due date or a deadline, and only with one", () => {
  assert.equal(taskOf(parse("tasks:\n  a: { run: x, due: 10m, if_late: downgrade }\n"), "a").ifLate, "downgrade");
  assert.match(problems("tasks:\n  a: { run: x, if_late: refuse }\n")[0] ?? "", /tasks\.a\.if_late: .*add due or deadline$/);
  assert.match(problems("tasks:\n  a: { run: x, due: 1m, if_late: no }\n")[0] ?? "", /expected accept, refuse, downgrade/);
});
