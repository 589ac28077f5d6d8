// Commands: what reaches them, what comes back, and that nothing of them is left after a stop.
import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { StopReason } from "../../../src/core/attempt.ts";
import { createCommandAgent } from "../../../src/engine/agents/command-agent.ts";
import type { CommandInput } from "../../../src/engine/agents/command/command-input.ts";
import { isAlive } from "../../support/is-alive.ts";
import { attemptStart, RecordingReporter } from "../../support/recording-reporter.ts";

const agent = createCommandAgent({ slots: 4, killAfterMs: 200, logBytes: 2_000, payloadBytes: 100_000 });
after(() => agent.close());

function run(input: CommandInput) {
  const reporter = new RecordingReporter();
  const start = attemptStart("command", input);
  agent.start(start, reporter);
  return { reporter, stop: (reason: StopReason) => agent.stop(start.id, start.attempt, reason) };
}

const result = (input: CommandInput): Promise<unknown> => run(input).reporter.result();
const failure = (input: CommandInput) => run(input).reporter.failure();

test("the result is the last line of stdout that is not empty", async () => {
  assert.equal(await result({ argv: ["printf", "one\\ntwo\\n\\n  \\n"] }), "two");
  assert.equal(await result({ argv: ["printf", "no line break"] }), "no line break");
  assert.equal(await result({ argv: ["true"] }), null);
  assert.equal(await result({ argv: ["echo", "x"], result: "none" }), null);
  assert.equal(await result({ argv: ["printf", "dos\\r\\n"] }), "dos");
});

test("arguments arrive as they are, whatever is in them", async () => {
  for (const text of ["a b", "it's \"quoted\"", "two\nlines", "$HOME `id` $(id) \\ * ? ; & |", "-n", "", "ünï ☃", "{}", "\t"]) {
    assert.equal(await result({ argv: [process.execPath, "-e", "console.log(JSON.stringify(process.argv[1]))", "--", text], result: "json" }), text);
  }
});

test("JSON results are all of stdout, or else its last line", async () => {
  assert.deepEqual(await result({ argv: ["printf", '{\n "a": [1,\n 2]\n}\n'], result: "json" }), { a: [1, 2] });
  assert.deepEqual(await result({ argv: ["printf", 'working…\n{"a":1}\n'], result: "json" }), { a: 1 });
  const failed = await failure({ argv: ["echo", "no json"], result: "json" });
  assert.equal(failed.code, "result_not_json");
});

test("shell commands, standard input, environment and folder", async () => {
  assert.equal(await result({ shell: "echo a b | tr a-z A-Z && echo done >&2" }), "A B");
  assert.equal(await result({ argv: ["sort", "-r"], stdin: "b\na\n" }), "a");
  assert.equal(await result({ argv: ["cat"] }), null);
  assert.equal(await result({ argv: ["true"], stdin: "x".repeat(1_000_000) }), null);
  assert.equal(await result({ shell: 'echo "$GREETING ${PATH:+path}"', env: { GREETING: "hello" } }), "hello path");
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "makespan command ")));
  assert.equal(await result({ argv: ["pwd"], cwd: folder }), folder);
  rmSync(folder, { recursive: true });
});

test("stdout and stderr lines are logged, up to a limit that is said", async () => {
  const { reporter } = run({ shell: "echo out; echo err >&2" });
  await reporter.ended;
  assert.deepEqual(reporter.logs.toSorted(([a], [b]) => (a < b ? -1 : 1)), [["stderr", "err"], ["stdout", "out"]]);
  const much = run({ argv: ["seq", "1", "100000"] }).reporter;
  assert.equal(await much.result(), "100000");
  assert.ok(much.logs.length < 700);
  assert.match(much.logs.at(-1)?.[1] ?? "", /more than is kept/);
});

test("huge output is held in bounds", async () => {
  const { reporter } = run({ shell: "head -c 50000000 /dev/zero | tr '\\0' x; echo; echo end" });
  assert.equal(await reporter.result(), "end");
  assert.ok(reporter.logs.reduce((sum, [, text]) => sum + text.length, 0) < 20_000);
  assert.equal((await failure({ shell: "head -c 200000 /dev/zero | tr '\\0' x" })).code, "payload_too_large");
  assert.equal((await failure({ shell: "head -c 200000 /dev/zero | tr '\\0' 1", result: "json" })).code, "payload_too_large");
});

test("a failure tells exit code, signal and the last lines of stderr", async () => {
  const failed = await failure({ shell: "echo first >&2; echo last words >&2; exit 3" });
  assert.deepEqual([failed.code, failed.retryable], ["exit_code", true]);
  assert.deepEqual([failed.error["exit_code"], failed.error["signal"], failed.error["stderr"]], [3, null, ["first", "last words"]]);
  assert.match(failed.error.message, /ended with exit code 3: last words$/);
  assert.equal(await result({ shell: "echo fine; exit 3", okExitCodes: [0, 3] }), "fine");
  const killed = await failure({ shell: "kill -SEGV $$" });
  assert.deepEqual([killed.error["exit_code"], killed.error["signal"]], [null, "SIGSEGV"]);
  // Codes that a shell would give for a signal stay codes.
  assert.equal((await failure({ shell: "exit 143" })).error["exit_code"], 143);
});

test("a command or folder that does not exist is said clearly and not tried again", async () => {
  for (const [input, code, message] of [
    [{ argv: ["no-such-command-here", "x"] }, "command_not_found", /no command "no-such-command-here" on the PATH/],
    [{ argv: ["./no/such"] }, "command_not_found", /no command ".\/no\/such"$/],
    [{ shell: "no-such-command-here x" }, "command_not_found", /not found/],
    [{ argv: [tmpdir()] }, "command_not_found", /not a program that may be run/],
    [{ argv: ["true"], cwd: join(tmpdir(), "no such folder") }, "cwd_not_found", /no folder/],
    [{ argv: ["echo", "x".repeat(3_000_000)] }, "invalid_input", /longer than the system allows/],
    [{ argv: ["echo", "a\0b"] }, "invalid_input", /NUL/],
    [{ argv: [] }, "invalid_input", /argv is/],
  ] as const satisfies readonly (readonly [CommandInput, string, RegExp])[]) {
    const failed = await failure(input);
    assert.equal(failed.code, code);
    assert.equal(failed.retryable, false);
    assert.match(failed.error.message, message);
  }
});

for (const [reason, ending] of [["cancelled", "fail"], ["timeout", "fail"], ["shutdown", "release"], ["preempted", "release"]] as const) {
  test(`a stop ends the whole process group: ${reason}`, async () => {
    const { reporter, stop } = run({ shell: "sleep 1000 & echo $!; sh -c 'sleep 1000 & echo $!; wait' & echo $!; wait" });
    await reporter.until(({ logs }) => logs.length === 3);
    const pids = reporter.logs.map(([, line]) => Number(line));
    assert.ok(pids.every(isAlive));
    stop(reason);
    const report = await reporter.ended;
    assert.equal(report.kind, ending);
    assert.deepEqual(pids.filter(isAlive), []);
  });
}

test("what ignores SIGTERM is killed, with what it started", async () => {
  const script = "trap '' TERM; sh -c \"trap '' TERM; echo \\$\\$; while :; do sleep 1000; done\" & echo $$; while :; do sleep 1000; done";
  const { reporter, stop } = run({ shell: script });
  await reporter.until(({ logs }) => logs.length === 2);
  const pids = reporter.logs.map(([, line]) => Number(line));
  stop("timeout");
  assert.equal((await reporter.failure()).code, "timeout");
  assert.deepEqual(pids.filter(isAlive), []);
});

test("a command that ends itself tidily on SIGTERM was stopped all the same", async () => {
  const { reporter, stop } = run({ shell: "trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done" });
  await reporter.until(({ logs }) => logs.length > 0);
  stop("shutdown");
  assert.equal((await reporter.ended).kind, "release");
});

test("a command gets the environment and the folder that the engine has when it starts", async (t) => {
  const before = process.cwd();
  t.after(() => {
    delete process.env["MAKESPAN_TEST_LATE"];
    process.chdir(before);
  });
  const command: CommandInput = { shell: "pwd; echo $MAKESPAN_TEST_LATE$ADDED", env: { ADDED: "+" }, result: "lines" };
  assert.deepEqual(await result(command), [before, "+"]);
  process.env["MAKESPAN_TEST_LATE"] = "late";
  process.chdir("/");
  assert.deepEqual(await result(command), ["/", "late+"]);
});

test("what starts the commands may be killed: its commands end and fail, and the next ones run", async () => {
  const { reporter } = run({ shell: "echo $PPID; sleep 1000 & echo $!; wait" });
  await reporter.until(({ logs }) => logs.length === 2);
  const [spawner, background] = reporter.logs.map(([, line]) => Number(line));
  process.kill(spawner!, "SIGKILL");
  const failed = await reporter.failure();
  assert.deepEqual([failed.code, failed.retryable], ["agent_crashed", true]);
  assert.match(failed.error.message, /^The process that starts commands was ended by SIGKILL while it ran echo/);
  assert.equal(isAlive(background!), false);
  assert.equal(await result({ argv: ["echo", "again"] }), "again");
});

test("a stop reaches a command that is only just being started", async () => {
  const { reporter, stop } = run({ shell: "sleep 1000" });
  stop("preempted");
  assert.equal((await reporter.ended).kind, "release");
});

test("what a command wrote before it exited arrives, however late the engine takes it", async () => {
  assert.equal(await result({ argv: ["true"] }), null, "the process that starts commands is there");
  const { reporter } = run({ argv: ["seq", "1", "50000"] });
  const until = performance.now() + 2_500;
  while (performance.now() < until);
  assert.equal(await reporter.result(), "50000");
});

test("a program left in the background does not hold the task", async () => {
  const { reporter } = run({ shell: "sleep 1000 & echo $!" });
  const pid = Number(await reporter.result());
  assert.ok(isAlive(pid));
  process.kill(pid);
});

test("CPU time and memory are measured", { skip: process.platform !== "linux" }, async () => {
  const script = "let x = 0; const a = new Array(4e6).fill(1); for (let i = 0; i < 1e8; i++) x += i % 7; console.log(x > a.length)";
  const { usage } = await run({ argv: [process.execPath, "-e", script] }).reporter.ended;
  assert.ok(usage.cpuMs >= 50, `${usage.cpuMs} ms`);
  assert.ok(usage.peakMemoryBytes > 30 * 1024 ** 2, `${usage.peakMemoryBytes} bytes`);
});

test("close ends what runs", async () => {
  const other = createCommandAgent({ slots: 1, types: ["sh"] });
  assert.deepEqual(other.spec, { name: "command", kind: "command", types: ["sh"], slots: 1 });
  const reporter = new RecordingReporter();
  other.start(attemptStart("sh", { shell: "echo $$; exec sleep 1000" }), reporter);
  await reporter.until(({ logs }) => logs.length === 1);
  await other.close();
  assert.equal(reporter.reports[0]?.kind, "release");
  assert.equal(isAlive(Number(reporter.logs[0]?.[1])), false);
});

test("a file that is not a program is refused", async () => {
  const folder = mkdtempSync(join(tmpdir(), "makespan-command-"));
  const path = join(folder, "notes.txt");
  writeFileSync(path, "only text");
  const failed = await failure({ argv: [path] });
  assert.deepEqual([failed.code, failed.retryable], ["command_not_found", false]);
  rmSync(folder, { recursive: true });
});
