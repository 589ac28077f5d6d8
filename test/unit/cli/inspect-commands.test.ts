// The commands that look at a store file and change its tasks, on a file that the engine made.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isOwned } from "../../../src/store/sqlite/reader.ts";
import type { RunSummary } from "../../../src/monitor/summary.ts";
import { cli, type CliRun, type CliSetting } from "../../support/cli.ts";
import { makeSampleFile, type SampleIds } from "../../support/sample-file.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const original = mkdtempSync(join(tmpdir(), "makespan-test-"));
let ids: SampleIds;

before(async () => {
  ids = await makeSampleFile(join(original, "makespan.db"));
});
after(() => rmSync(original, { recursive: true, force: true }));

/** A folder of the test's own with a copy of the file. */
function ownFolder(t: Parameters<typeof temporaryFolder>[0]): string {
  const folder = temporaryFolder(t);
  copyFileSync(join(original, "makespan.db"), join(folder, "makespan.db"));
  return folder;
}

async function ok(line: readonly string[], setting: CliSetting = {}): Promise<string> {
  const { code, stdout, stderr } = await cli(line, { folder: original, ...setting });
  assert.equal(code, 0, stderr);
  return stdout;
}

async function json<Value>(line: readonly string[], setting: CliSetting = {}): Promise<Value> {
  return JSON.parse(await ok([...line, "--json"], setting)) as Value;
}

interface Listed {
  readonly tasks: readonly { readonly id: string; readonly name: string; readonly state: string }[];
  readonly next_cursor: string | null;
}

function states({ tasks }: Listed): Readonly<Record<string, string>> {
  return Object.fromEntries(tasks.map(({ name, state }) => [name, state]));
}

test("ls lists the newest first, with names that cannot harm a terminal", async () => {
  const lines = (await ok(["ls"])).trimEnd().split("\n");
  assert.equal(lines.length, 12);
  assert.match(lines[0] ?? "", /^ID +STATE +NAME +TYPE +QUEUE +FLOW +TENANT +SESSION +TRIES +AGENT +TOOK +WHEN +WHY$/);
  assert.match(lines[1] ?? "", /^t11 +succeeded +child two/);
  assert.match(lines[11] ?? "", /^t1 +succeeded +list +command/);
  assert.match(lines[9] ?? "", /^t3 +failed +broken .*exit_code: .*cannot find it/);
});

test("ls filters by state, type, queue, flow, name, tenant and session", async () => {
  const names = async (...line: string[]): Promise<readonly string[]> => (await json<Listed>(["ls", ...line])).tasks.map(({ name }) => name);
  assert.deepEqual(await names("--state", "failed,skipped"), ["report", "broken"]);
  assert.deepEqual(await names("-s", "failed", "-s", "parked"), ["approve", "broken"]);
  assert.deepEqual(await names("--type", "ask,nobody"), ["lonely", "approve"]);
  assert.deepEqual(await names("--queue", "urgent"), ["retyped"]);
  assert.deepEqual(await names("--flow", "build"), ["report", "broken", "measure", "list"]);
  assert.deepEqual(await names("--flow", "f1", "--state", "succeeded"), ["measure", "list"]);
  assert.deepEqual(await names("--name", "child"), ["child two", "child one"]);
  assert.deepEqual(await names("--tenant", "acme"), ["retyped"]);
  assert.deepEqual(await names("--session", "chat-42", "--queue", "urgent"), ["retyped"]);
  assert.deepEqual(await names("--tenant", "nobody"), []);
  assert.equal((await cli(["ls", "--flow", "nowhere"], { folder: original })).code, 2);
});

test("ls gives pages that join without gap or overlap, and all of them with --all", async () => {
  const all = await json<Listed>(["ls", "--all"]);
  assert.equal(all.next_cursor, null);
  const seen: string[] = [];
  for (let cursor: string | null = "t99"; cursor !== null; ) {
    const page: Listed = await json<Listed>(["ls", "-n", "4", "--cursor", cursor]);
    seen.push(...page.tasks.map(({ id }) => id));
    cursor = page.next_cursor;
  }
  assert.deepEqual(seen, all.tasks.map(({ id }) => id));
  const { stderr } = await cli(["ls", "-n", "4"], { folder: original });
  assert.match(stderr, /--cursor t8/);
  assert.match((await cli(["ls", "--state", "shed"], { folder: original })).stderr, /No tasks match in makespan\.db/);
});

test("show says why a task is where it is", async () => {
  const why = async (id: number): Promise<string> => (await json<{ why: string }>(["show", `t${id}`])).why;
  assert.match(await why(ids.broken), /^It failed for good after 2 attempts: exit_code: .* ended with exit code 3: cannot find it\.$/);
  assert.match(await why(ids.report), new RegExp(`^It never ran: it needs t${ids.broken} broken \\(failed\\)\\.$`));
  assert.match(await why(ids.later), /^It is released in 1 h|^It is released in 59 min/);
  assert.match(await why(ids.approve), /^It waits for an answer from outside\.$/);
  assert.match(await why(ids.lonely), /free slot of an agent that does "nobody"\. No engine has the file open/);
  assert.equal(await why(ids.list), "It succeeded at the first attempt.");
  assert.equal(await why(ids.family), "It succeeded at attempt 2.");
});

test("why says what must happen first, for people and for programs, also where no engine has the file", async () => {
  const why = (id: number): Promise<Record<string, unknown>> => json<Record<string, unknown>>(["why", `t${id}`]);
  const later = await why(ids.later);
  assert.equal(later["kind"], "scheduled");
  assert.equal(later["cause"], "release");
  assert.match(String(later["until"]), /^\d{4}-\d\d-\d\dT/);
  assert.equal(later["is_owned"], false);
  const lonely = await why(ids.lonely);
  assert.deepEqual([lonely["kind"], (lonely["obstacle"] as { kind: string }).kind, lonely["forecast"]], ["queued", "no-agent", null]);
  assert.deepEqual([(await why(ids.broken))["kind"], (await why(ids.broken))["state"]], ["final", "failed"]);
  const text = await ok(["why", `t${ids.approve}`], { env: { NO_COLOR: "1" } });
  assert.match(text, /^t\d+ approve {2}parked\nIt waits for an answer from outside\.\n$/);
  const unknown = await cli(["why", "t999", "--json"], { folder: original });
  assert.match(unknown.stderr, /task_not_found/);
  assert.notEqual(unknown.code, 0);
});

test("show has everything of a task, as JSON and as text", async () => {
  const shown = await json<Record<string, unknown>>(["show", `t${ids.measure}`]);
  assert.equal(shown["result"], "42");
  assert.deepEqual(shown["needs"], [{ id: `t${ids.list}`, name: "list", state: "succeeded" }]);
  assert.equal((shown["attempt_list"] as readonly { outcome: string; agent: string }[])[0]?.agent, "shell");
  const failed = await json<{ attempt_list: readonly { outcome: string }[]; error: { exit_code: number } }>(["show", `t${ids.broken}`]);
  assert.deepEqual(failed.attempt_list.map(({ outcome }) => outcome), ["failed", "failed"]);
  assert.equal(failed.error.exit_code, 3);
  const text = await ok(["show", String(ids.family)], { columns: 80, env: { NO_COLOR: "1" } });
  assert.match(text, /^t7 family {2}succeeded\nIt succeeded at attempt 2\.\n/);
  assert.match(text, /\nAttempts\n +# {2}OUTCOME +STARTED +TOOK +AGENT\n +1 {2}parked .*\n +2 {2}succeeded/);
  assert.match(text, /\nChildren\n {2}t10 +succeeded +child one\n {2}t11 +succeeded +child two\n/);
  assert.match(text, /\nResult\n {2}all done\n/);
  for (const line of text.split("\n")) assert.ok(line.length <= 80, line);
});

test("show and export tell what policies look at", async () => {
  const text = await ok(["show", `t${ids.retyped}`], { columns: 100, env: { NO_COLOR: "1" } });
  for (const line of [/^ {2}tenant +acme$/m, /^ {2}session +chat-42$/m, /^ {2}weight +2\.5$/m, /^ {2}size +7$/m, /^ {2}region +eu$/m, /^ {2}preempt +it may be asked/m]) assert.match(text, line);
  const given = { tenant: "acme", session: "chat-42", weight: 2.5, size: 7, region: "eu", preemptible: true };
  const pick = (record: object) => Object.fromEntries(Object.keys(given).map((name) => [name, (record as Record<string, unknown>)[name]]));
  assert.deepEqual(pick(await json(["show", `t${ids.retyped}`])), given);
  assert.deepEqual(pick(await json(["show", `t${ids.list}`])), { tenant: null, session: null, weight: 1, size: null, region: null, preemptible: false });
  const lines = (await ok(["export"])).trimEnd().split("\n").map((line) => JSON.parse(line) as { name: string });
  assert.deepEqual(pick(lines.find(({ name }) => name === "retyped")!), given);
  const [title, ...rows] = (await ok(["export", "-f", "csv"])).split("\r\n").map((row) => row.split(","));
  assert.equal(rows.find((row) => row[1] === "retyped")?.[title!.indexOf("session")], "chat-42");
});

test("show cuts long inputs unless --full, and takes control sequences out of all of them", async () => {
  const short = await ok(["show", `t${ids.lonely}`]);
  assert.ok(!short.includes("\u001b"));
  assert.match(short, /… [\d.]+ KiB in all: --full shows everything/);
  assert.ok(short.split("\n").length < 40);
  const full = await ok(["show", `t${ids.lonely}`, "--full"]);
  assert.ok(full.split("\n").length > 500 && !full.includes("--full"));
  assert.equal((await json<{ input: { text: string } }>(["show", `t${ids.lonely}`])).input.text, "a\u001b[31mred\u001b[0m name");
});

test("show and logs refuse what is not there", async () => {
  for (const command of ["show", "logs", "cancel", "retry"]) {
    const missing = await cli([command, "t999"], { folder: original });
    assert.deepEqual([missing.code, missing.stdout], [2, ""]);
    assert.match(missing.stderr, /^makespan: There is no task t999 in /);
    const odd = await cli([command, "seventeen"], { folder: original });
    assert.equal(odd.code, 2);
    assert.match(odd.stderr, /looks like t17; got "seventeen"/);
  }
});

test("logs prints what a task wrote, plain, timed or as JSON lines", async () => {
  const lines = (await ok(["logs", `t${ids.measure}`])).trimEnd().split("\n");
  assert.deepEqual(lines.filter((line) => line !== "42"), ["one", "two"]);
  assert.match(await ok(["logs", `t${ids.measure}`, "--times"]), /^(?:\S+ )?\d\d:\d\d:\d\d #1 stderr one$/m);
  const records = (await ok(["logs", `t${ids.family}`, "--json"])).trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(records.map(({ attempt, level, text }) => ({ attempt, level, text })), [{ attempt: 1, level: "info", text: "adding two children" }]);
  assert.equal(await ok(["logs", `t${ids.family}`, "--attempt", "2"]), "");
  assert.equal(await ok(["logs", "-f", `t${ids.broken}`, "--attempt", "2"]), "cannot find it\n");
  assert.match((await cli(["logs", `t${ids.later}`], { folder: original })).stderr, /has written nothing/);
});

test("stats is the summary of a run, of all tasks, a flow or a type", async () => {
  const all = await json<RunSummary>(["stats"]);
  assert.deepEqual({ ...all.tasks }, { total: 8, succeeded: 6, failed: 1, cancelled: 0, expired: 0, shed: 0, skipped: 1 });
  assert.equal(all.attempts, 9);
  assert.ok((all.makespan_ms ?? 0) > 0 && (all.critical_path_ms ?? 0) > 0 && (all.utilization ?? 0) > 0 && (all.cost_total ?? 0) > 0);
  assert.equal((await json<RunSummary>(["stats", "--flow", "build"])).tasks.total, 4);
  assert.equal((await json<RunSummary>(["stats", "--type", "double"])).tasks.succeeded, 3);
  const { flows } = await json<{ flows: readonly { name: string; summary: RunSummary }[] }>(["stats", "--by-flow"]);
  assert.deepEqual(flows.map(({ name, summary }) => [name, summary.tasks.total]), [["build", 4], ["family", 3]]);
  const { balancer, agents } = await json<{ balancer: string; agents: readonly { name: string; attempts: number; busy_ms: number; load: number }[] }>(["stats"]);
  assert.equal(balancer, "round-robin");
  assert.equal(agents.reduce((sum, { attempts }) => sum + attempts, 0), all.attempts + 1, "every attempt is some agent's, also that of a task which is not done");
  for (const { name, busy_ms: busyMs, load } of agents) assert.ok(busyMs >= 0 && load >= 0 && load <= 1, name);
  const text = await ok(["stats"]);
  assert.match(text, /\nAgents, picked by round-robin\nAGENT +KIND +SLOTS +ATTEMPTS +BUSY +LOAD\n/);
  assert.match(text, /^makespan\.db: 6 of 8 tasks succeeded, 1 failed, 1 skipped/);
  assert.match(text, /3 more tasks have not finished/);
  assert.match(await ok(["stats", "--by-flow"]), /^FLOW +NAME +TASKS.*\nf1 +build +4 .*\nf2 +family +3 /);
});

test("export writes every task once, as NDJSON, CSV and a trace", async () => {
  const records = (await ok(["export", "--payloads"])).trimEnd().split("\n").map((line) => JSON.parse(line) as { id: string; result: unknown; attempts: number; attempt_list: readonly unknown[] });
  assert.deepEqual(records.map(({ id }) => id), Array.from({ length: 11 }, (_, index) => `t${index + 1}`));
  assert.equal(records[1]?.result, "42");
  for (const { attempts, attempt_list: list } of records) assert.equal(list.length, attempts);
  const [title, ...rows] = (await ok(["export", "--format", "csv"])).split("\r\n");
  assert.match(title ?? "", /^id,name,state,reason,type,/);
  assert.equal(rows.filter((row) => row !== "").length, 11);
  const trace = JSON.parse(await ok(["export", "-f", "trace"])) as { traceEvents: readonly { ph: string; name: string; ts: number; dur: number; args: { name?: string } }[] };
  const slices = trace.traceEvents.filter(({ ph }) => ph === "X");
  assert.equal(slices.length, records.reduce((sum, { attempts }) => sum + attempts, 0));
  assert.equal(Math.min(...slices.map(({ ts }) => ts)), 0);
  assert.deepEqual(new Set(trace.traceEvents.filter(({ name }) => name === "process_name").map(({ args }) => args.name)), new Set(["node (function)", "shell (command)"]));
  assert.equal((await ok(["export", "--flow", "f1"])).trimEnd().split("\n").length, 4);
});

test("doctor finds a good file good, and says what is wrong with a bad one", async (t) => {
  const folder = ownFolder(t);
  const good = await json<{ ok: boolean; checks: readonly { name: string; verdict: string }[] }>(["doctor"], { folder });
  assert.ok(good.ok);
  assert.deepEqual(good.checks.map(({ name }) => name), ["node", "sqlite", "access", "schema", "owner", "integrity", "log", "disk", "content"]);
  const fails = async (path: string, what: RegExp): Promise<void> => {
    const { code, stdout } = await cli(["doctor", "--db", path], { folder });
    assert.equal(code, 1, stdout);
    assert.match(stdout, what);
  };
  writeFileSync(join(folder, "other.db"), "This is not SQLite, by any means.");
  await fails("other.db", /^fail {2}store file +.*not an SQLite file/m);
  await fails("none.db", /^fail {2}store file +There is no file /m);
  copyFileSync(join(folder, "makespan.db"), join(folder, "cut.db"));
  truncateSync(join(folder, "cut.db"), 40_000);
  await fails("cut.db", /^fail /m);
  writeFileSync(join(folder, "new.db"), "");
  const fresh = await cli(["doctor", "--db", "new.db"], { folder });
  assert.equal(fresh.code, 0, fresh.stdout);
  assert.match(fresh.stdout, /^warn {2}schema +the file has no tables yet\n +The first run makes them\n/m);
  const empty = await cli(["doctor"], { folder: temporaryFolder(t) });
  assert.equal(empty.code, 0);
  assert.match(empty.stdout, /^warn {2}store file +There is no makespan\.db/m);
});

test("cancel takes ids or filters, and asks before it cancels by filter", async (t) => {
  const folder = ownFolder(t);
  assert.match(await ok(["cancel", `t${ids.lonely}`, `t${ids.list}`], { folder }), /^1 task cancelled\.\nt1 had finished before: succeeded\.\n$/);
  const refused = await cli(["cancel", "--state", "parked"], { folder });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /Cancel 1 task in makespan\.db\? There is no terminal to answer on: say --yes/);
  const no = await cli(["cancel", "--state", "parked"], { folder, columns: 80, typed: "n\n" });
  assert.equal(no.code, 0);
  assert.match(no.stderr, /\[y\/N\] Nothing was cancelled/);
  assert.equal(states(await json(["ls"], { folder }))["approve"], "parked");
  assert.match(await ok(["cancel", "--state", "parked"], { folder, columns: 80, typed: "y\n" }), /^1 task cancelled/);
  assert.deepEqual(await json(["cancel", "--all", "--yes"], { folder }), { cancelled: 1, finished_before: [] });
  const now = states(await json(["ls"], { folder }));
  assert.deepEqual([now["lonely"], now["approve"], now["later"]], ["cancelled", "cancelled", "cancelled"]);
  assert.match(await ok(["show", `t${ids.lonely}`], { folder }), /It was cancelled before it started \(cancelled by user\)/);
  assert.equal((await cli(["cancel"], { folder })).code, 2);
  assert.equal((await cli(["cancel", "t1", "--all"], { folder })).code, 2);
  assert.ok(!isOwned(join(folder, "makespan.db")));
});

test("cancel and retry mean a tenant's or a session's tasks alone, where they are told so", async (t) => {
  const folder = ownFolder(t);
  assert.deepEqual(await json(["cancel", "--session", "chat-42", "--yes"], { folder }), { cancelled: 0, finished_before: [] });
  assert.deepEqual(await json(["cancel", "--tenant", "beta", "--yes"], { folder }), { cancelled: 1, finished_before: [] });
  const now = states(await json(["ls"], { folder }));
  assert.deepEqual([now["lonely"], now["approve"], now["later"]], ["cancelled", "parked", "scheduled"]);
  assert.match(await ok(["retry", "--failed", "--tenant", "beta"], { folder }), /No task matches/);
  assert.match(await ok(["retry", "--state", "cancelled", "--tenant", "beta"], { folder }), /^1 task queued again/);
});

test("retry queues what failed again, with what was skipped because of it", async (t) => {
  const folder = ownFolder(t);
  assert.match(await ok(["retry", "--failed"], { folder }), /^1 task queued again: start the run again/);
  const now = states(await json(["ls"], { folder }));
  assert.deepEqual([now["broken"], now["report"]], ["queued", "blocked"]);
  assert.match(await ok(["retry", "--failed"], { folder }), /No task matches/);
  const done = await cli(["retry", `t${ids.list}`], { folder });
  assert.equal(done.code, 2);
  assert.match(done.stderr, /t1 cannot be run again: it succeeded\. Nothing was changed/);
  assert.equal((await cli(["retry"], { folder })).code, 2);
});

test("looking changes nothing: not the file, and nothing is left beside it", async (t) => {
  const folder = ownFolder(t);
  for (const line of [["ls"], ["show", "t1"], ["logs", "t1"], ["stats"], ["export"], ["doctor"]]) {
    const { code }: CliRun = await cli(line, { folder });
    assert.equal(code, 0);
  }
  assert.ok(!existsSync(join(folder, "makespan.db-lock")));
});
