// Bad input to the built command line and package: each is refused with one line that says what is wrong, where, and what to do,
// with the exit code of its kind, and nothing is done.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { bin, built, makespan, startMakespan, type ProgramRun } from "../support/built.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { readStoreFile } from "./fixtures/file-rows.ts";

before(built);

const HANDLERS = fileURLToPath(new URL("./fixtures/bad-handlers.ts", import.meta.url));
const HUNDRED_MB = 100 * 1024 * 1024;
const NODE = JSON.stringify(process.execPath);

function refused(run: ProgramRun, code: number, line: RegExp): void {
  assert.equal(run.code, code, run.stderr);
  assert.equal(run.stdout, "");
  assert.match(run.stderr, /^makespan: [^\n]+\n$/, "one line");
  assert.match(run.stderr, line);
}

const FLOWS: readonly (readonly [what: string, content: string | Buffer, line: RegExp])[] = [
  ["a cycle", 'tasks:\n  a: { run: "true", needs: [b] }\n  b: { run: "true", needs: a }\n', /bad\.yaml:2:\d+: .*tasks need each other in a circle: a -> b -> a\n/],
  ["a task that needs itself", 'tasks:\n  a: { run: "true", needs: a }\n', /bad\.yaml:2:\d+: .*circle: a -> a\n/],
  ["an unknown dependency", 'tasks:\n  build: { run: "true" }\n  test: { run: "true", needs: [biuld] }\n', /bad\.yaml:3:\d+: .*it needs "biuld", which does not exist; did you mean "build"\?\n/],
  ["a duplicate id", 'tasks:\n  a: { run: "true" }\n  a: { run: "false" }\n', /bad\.yaml:3:3: tasks\.a: two tasks have this id \(first on line 2\)\n/],
  ["a wrong field", 'tasks:\n  a:\n    run: "true"\n    retrys: 3\n', /bad\.yaml:4:5: tasks\.a\.retrys: unknown field "retrys" in a task; did you mean "retries"\?\n/],
  ["a wrong value", 'tasks:\n  a:\n    run: "true"\n    timeout: soon\n', /bad\.yaml:4:\d+: tasks\.a\.timeout: .*"soon"/],
  ["no tasks", "name: nothing\n", /bad\.yaml:\d+:\d+: .*tasks/],
  ["an empty file", "", /bad\.yaml.*/],
  ["broken YAML", "tasks: [\n", /bad\.yaml:2:1: not valid YAML: /],
  ["bytes that are not UTF-8", Buffer.from('tasks:\n  a: { run: "echo \xff" }\n', "latin1"), /bad\.yaml:2:19: not valid UTF-8 \(byte 0xff\); save the file as UTF-8\n/],
  ["a module that is not there", 'tasks:\n  a: { call: "./missing.ts#x" }\n', /bad\.yaml:2:\d+: tasks\.a\.call: the module "\.\/missing\.ts" cannot be read: there is no such file/],
  ["a call of nothing", 'tasks:\n  a: { call: "./missing.ts" }\n', /bad\.yaml:2:\d+: tasks\.a\.call: /],
];

for (const [what, content, line] of FLOWS) {
  test(`flow file: ${what}`, async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, "bad.yaml"), content);
    refused(await makespan(["run", "bad.yaml"], { cwd: folder }), 2, line);
    assert.ok(!existsSync(join(folder, "bad.makespan.db")), "no store file was made");
  });
}

test("100 MB: flow file, line, task of a list, argument", async (t) => {
  const folder = temporaryFolder(t);
  for (const name of ["big.yaml", "big.ndjson", "big.txt"]) {
    writeFileSync(join(folder, name), "");
    truncateSync(join(folder, name), HUNDRED_MB);
  }
  const run = (...args: string[]): Promise<ProgramRun> => makespan(["run", "-q", ...args], { cwd: folder });
  refused(await run("big.yaml"), 2, /big\.yaml: expected at most 16 MiB, got 100 MiB/);
  refused(await run("big.ndjson"), 2, /big\.ndjson:1: it is longer than 1 MiB; put long data in files and list their names\.\n/);
  refused(await run("-a", "big.txt", "--", "echo", "{}"), 2, /big\.txt:1: it is longer than 1 MiB/);
  const piped = spawnSync("/bin/sh", ["-c", `head -c ${HUNDRED_MB} /dev/zero | tr '\\0' x | "$0" "$1" run -q -- echo {}`, process.execPath, bin], { cwd: folder, encoding: "utf8" });
  refused({ code: piped.status, stdout: piped.stdout, stderr: piped.stderr }, 2, /standard input:1: it is longer than 1 MiB/);
  // A line that is allowed, but longer than the system takes as one argument.
  const long = await makespan(["run", "--db", "long.db", "--", "echo", "{}"], { cwd: folder, stdin: "x".repeat(900_000) });
  assert.equal(long.code, 1);
  assert.match(long.stderr, /The arguments of echo are longer than the system allows; pass them on stdin or in a file/);
});

test("100 MB and what is no JSON, through the package", async () => {
  const { defineTask, isMakespanError, open } = await import("makespan");
  const echo = defineTask({ type: "echo", handler: (input: unknown) => input });
  await using app = await open({ path: ":memory:", tasks: [echo] });
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  const cases = [
    ["x".repeat(HUNDRED_MB), "payload_too_large", /104857602 bytes.*1048576/],
    [10n, "not_serializable", /BigInt/],
    [circle, "not_serializable", /self contains itself/],
    [{ list: [() => 1] }, "not_serializable", /list\[0\] is a function/],
  ] as const;
  for (const [input, code, message] of cases) {
    await assert.rejects(app.submit("echo", input), (error) => isMakespanError(error, code) && message.test(error.message) && !error.message.includes("\n"));
  }
  assert.deepEqual((await app.list()).tasks, [], "nothing was submitted");
  assert.equal(await (await app.submit("echo", "goes on")).result(), "goes on");
});

test("lines that are not UTF-8, or no task", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "list.txt"), Buffer.from("fine\nbad \xff\n", "latin1"));
  writeFileSync(join(folder, "list.ndjson"), Buffer.from('{"run":"true"}\n{"run":"echo \xff"}\n', "latin1"));
  writeFileSync(join(folder, "field.ndjson"), '{"run":"true"}\n{"run":"true","retrys":1}\n');
  writeFileSync(join(folder, "json.ndjson"), "run: true\n");
  const run = (...args: string[]): Promise<ProgramRun> => makespan(["run", "-q", ...args], { cwd: folder });
  refused(await run("-a", "list.txt", "--", "echo", "{}"), 2, /list\.txt:2: it is not valid UTF-8; convert the list, for example with iconv -t UTF-8\.\n/);
  refused(await run("list.ndjson"), 2, /list\.ndjson:2: it is not valid UTF-8/);
  refused(await run("field.ndjson"), 2, /field\.ndjson:2: retrys: unknown field "retrys" in a task of a list; did you mean "retries"\?\n/);
  refused(await run("json.ndjson"), 2, /json\.ndjson:1: not valid JSON: /);
  refused(await makespan(["run", "-"], { cwd: folder, stdin: '{"bogus":1}\n' }), 2, /standard input:1: bogus: unknown field/);
  refused(await run("--"), 2, /Expected a command after --, got nothing/);
  assert.ok(!existsSync(join(folder, "makespan.db")), "no store file was made");
});

test("the command line itself", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "text.db"), "hello\n");
  new DatabaseSync(join(folder, "other.db")).exec("CREATE TABLE theirs (a)");
  const run = (...args: string[]): Promise<ProgramRun> => makespan(args, { cwd: folder });
  refused(await run("run", "--jbos", "3", "--", "true"), 2, /unknown option '--jbos'\. Did you mean --jobs\? See makespan run --help\.\n/);
  refused(await run("run"), 2, /Say what to run: /);
  refused(await run("run", "missing.yaml"), 2, /missing\.yaml: there is no such file/);
  refused(await run("run", "-j0", "--", "true"), 2, /-j|--jobs/);
  writeFileSync(join(folder, "flow.yaml"), "tasks: { a: { run: touch ran } }\n");
  refused(await run("run", "flow.yaml", "--report", "no/such/page.html"), 2, /--report no\/such\/page\.html cannot be written: /);
  assert.ok(!existsSync(join(folder, "ran")) && !existsSync(join(folder, "flow.makespan.db")), "nothing was done");
  refused(await run("ls", "--db", "missing.db"), 5, /There is no file .*missing\.db\. Name the store file of a run with --db FILE\.\n/);
  for (const [file, why] of [["text.db", /is not an SQLite file/], ["other.db", /its tables were made by another program/]] as const) {
    const bytes = readFileSync(join(folder, file));
    refused(await run("run", "--db", file, "--", "true"), 5, why);
    refused(await run("ls", "--db", file), 5, why);
    assert.deepEqual(readFileSync(join(folder, file)), bytes, "the file of another program is as it was");
  }
  refused(await run("run", "--db", "no/such/folder.db", "--", "true"), 5, /no\/such is not a folder/);
});

test("a folder that cannot be written", async (t) => {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o755);
  const closed = join(folder, "closed");
  mkdirSync(closed, { mode: 0o555 });
  // The superuser may write everywhere.
  const who = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const run = (...args: string[]): ReturnType<typeof spawnSync> => spawnSync(process.execPath, args, { cwd: closed, encoding: "utf8", input: "a\n", ...who });
  if (run(bin, "--version").status !== 0) return t.skip("another user cannot run Node here");
  const { status, stdout, stderr } = run(bin, "run", "-q", "--", "echo", "{}");
  refused({ code: status, stdout: String(stdout), stderr: String(stderr) }, 5, /closed\/makespan\.db could not be opened for writing .*Check that the folder exists and that you may write to it/);
});

test("a second engine on the same file", async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "flow.yaml"), 'tasks:\n  wait: { run: "echo up > up; until [ -e go ]; do sleep 0.02; done" }\n');
  const first = startMakespan(["run", "flow.yaml", "-q"], { cwd: folder });
  const ended = new Promise((resolve) => first.once("close", resolve));
  while (!existsSync(join(folder, "up"))) await new Promise((resolve) => setTimeout(resolve, 10));
  refused(await makespan(["run", "flow.yaml"], { cwd: folder }), 5, new RegExp(`flow\\.makespan\\.db is in use by another engine \\(process ${first.pid}\\)`));
  writeFileSync(join(folder, "go"), "");
  assert.equal(await ended, 0, "the first one did not notice");
});

test("a command that does not exist", async (t) => {
  const folder = temporaryFolder(t);
  const list = await makespan(["run", "--retries", "3", "--db", "list.db", "--", "no-such-command", "{}"], { cwd: folder, stdin: "a\n" });
  assert.equal(list.code, 1);
  assert.match(list.stderr, /^failed: no-such-command a: There is no command "no-such-command" on the PATH$/m);
  assert.match(list.stderr, /Attempts +1, none repeated/, "trying again would not help");
  writeFileSync(join(folder, "flow.yaml"), 'tasks:\n  shell: { run: "no-such-command a" }\n  file: { run: [./flow.yaml] }\n  folder: { run: [ls], cwd: nowhere }\n  other: { run: "true" }\n');
  const flow = await makespan(["run", "flow.yaml"], { cwd: folder });
  assert.equal(flow.code, 1);
  assert.match(flow.stderr, /^failed: shell: The shell did not find a command of no-such-command a: .*not found$/m);
  assert.match(flow.stderr, /^failed: file: ".*flow\.yaml" is not a program that may be run$/m);
  assert.match(flow.stderr, /^failed: folder: There is no folder ".*nowhere" to run ls in$/m);
  assert.match(flow.stdout, /1 of 4 tasks succeeded, 3 failed/);
});

const TRICKY = [`it's "so" \`id\` $HOME $(touch pwned)`, " two  spaces ", "*;touch pwned;#", "-n", "{} {.} {/}", "back\\slash\\n", "größe → 🎉"];

test("{} with quotes, spaces and newlines in the value", async (t) => {
  const folder = temporaryFolder(t);
  const args = `${NODE} -e "process.stdout.write(JSON.stringify(process.argv.slice(1)) + '\\n')"`;
  writeFileSync(join(folder, "args"), `#!/bin/sh\nexec ${args} -- "$@"\n`, { mode: 0o755 });
  const valuesOf = async (stdin: string, ...words: string[]): Promise<unknown> => {
    const run = await makespan(["run", "-q", "-j1", ...words], { cwd: folder, stdin });
    assert.equal(run.code, 0, run.stderr);
    return run.stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as unknown);
  };
  const lines = `${TRICKY.join("\n")}\n`;
  assert.deepEqual(await valuesOf(lines, "--db", "1.db", "--", "./args", "{}", "a{}b"), TRICKY.map((value) => [value, `a${value}b`]), "as arguments");
  assert.deepEqual(await valuesOf(lines, "--db", "2.db", "--", `./args {} "in {} double" 'in {} single'`), TRICKY.map((value) => [value, `in ${value} double`, `in ${value} single`]), "in a script");
  const withBreaks = [...TRICKY, "two\nlines\n", `'\n"`];
  const nuls = withBreaks.map((value) => `${value}\0`).join("");
  assert.deepEqual(await valuesOf(nuls, "-0", "--db", "3.db", "--", "./args", "{}"), withBreaks.map((value) => [value]), "between NULs");
  assert.deepEqual(await valuesOf(nuls, "-0", "--db", "4.db", "--", `./args {} "{}" '{}'`), withBreaks.map((value) => [value, value, value]), "between NULs, in a script");
  assert.ok(!existsSync(join(folder, "pwned")), "no value was run as a command");
});

test("handlers whose result cannot be kept, in a function, a thread and a process", async (t) => {
  const folder = temporaryFolder(t);
  copyFileSync(HANDLERS, join(folder, "handlers.ts"));
  const kinds = ["bigint", "aFunction", "aSymbol", "circular", "aMap", "bytes", "deepFunction", "toJsonThrows", "aPromiseInside", "anError", "tooLarge", "fine", "missing", "noFunction"];
  const agents = { f: { kind: "function" }, t: { kind: "threads", count: 1 }, p: { kind: "processes", count: 1 } };
  const tasks = Object.fromEntries(
    Object.keys(agents).flatMap((agent) => kinds.map((kind) => [`${agent}-${kind}`, { call: `./handlers.ts#${kind}`, agent, retries: 2 }] as const)),
  );
  writeFileSync(join(folder, "flow.json"), JSON.stringify({ agents, tasks }));
  const run = await makespan(["run", "flow.json", "--json", "-q"], { cwd: folder });
  assert.equal(run.code, 1, run.stderr);
  const { rows } = readStoreFile(join(folder, "flow.makespan.db"));
  const errors = Object.fromEntries([...rows.values()].map(({ name, error, attempt }) => [name, { attempt, ...(error === null ? {} : (JSON.parse(error) as { code: string; message: string })) }]));
  const expected: Readonly<Record<string, readonly [code: string | undefined, message: RegExp | undefined]>> = {
    bigint: ["not_serializable", /it is a BigInt \(use a number or a string\)/],
    aFunction: ["not_serializable", /it is a function/],
    aSymbol: ["not_serializable", /it is a symbol/],
    circular: ["not_serializable", /its part parts\[0\] contains itself/],
    aMap: ["not_serializable", /it is a Map \(use Object\.fromEntries or an array\)/],
    bytes: ["not_serializable", /it is a Uint8Array \(use Array\.from, or text in base64\)/],
    deepFunction: ["not_serializable", /its part list\[0\]\.go is a function/],
    toJsonThrows: ["not_serializable", /no JSON of me/],
    aPromiseInside: ["not_serializable", /its part later is a Promise \(await it\)/],
    anError: ["not_serializable", /it is an Error \(throw it/],
    tooLarge: ["payload_too_large", /20971522 bytes as JSON; 16777216 are allowed/],
    fine: [undefined, undefined],
    missing: ["handler_missing", /missing/],
    noFunction: ["handler_missing", /noFunction/],
  };
  for (const agent of Object.keys(agents)) {
    for (const [kind, [code, message]] of Object.entries(expected)) {
      const { attempt, ...error } = errors[`${agent}-${kind}`]!;
      assert.equal("code" in error ? error.code : undefined, code, `${agent}-${kind}`);
      if (message !== undefined && "message" in error) assert.match(error.message, message, `${agent}-${kind}`);
      assert.equal(attempt, 1, `${agent}-${kind} would come out the same again`);
    }
  }
});

test("a handler that never yields: stopped at its time-out in a thread and a process, and the run goes on", async (t) => {
  const folder = temporaryFolder(t);
  copyFileSync(HANDLERS, join(folder, "handlers.ts"));
  const agents = { t: { kind: "threads", count: 1, module: "./handlers.ts" }, p: { kind: "processes", count: 1, module: "./handlers.ts" } };
  const tasks = Object.fromEntries(
    Object.keys(agents).flatMap((agent) => [
      [`${agent}-hang`, { call: "./handlers.ts#hang", agent, timeout: "300ms" }],
      [`${agent}-after`, { call: "./handlers.ts#fine", agent, needs: `${agent}-hang`, on_dependency_failure: "continue" }],
    ]),
  );
  writeFileSync(join(folder, "flow.json"), JSON.stringify({ agents, tasks }));
  const run = await makespan(["run", "flow.json"], { cwd: folder });
  assert.equal(run.code, 1);
  for (const agent of ["t", "p"]) assert.match(run.stderr, new RegExp(`^failed: ${agent}-hang: The attempt took longer than 300 ms\\.?$`, "m"));
  assert.match(run.stdout, /2 of 4 tasks succeeded, 2 failed/);
});

test("a handler that holds the engine's own thread is named on stderr", async (t) => {
  const folder = temporaryFolder(t);
  copyFileSync(HANDLERS, join(folder, "handlers.ts"));
  writeFileSync(join(folder, "flow.yaml"), 'tasks:\n  held: { call: "./handlers.ts#block" }\n');
  const run = await makespan(["run", "flow.yaml", "-q"], { cwd: folder });
  assert.equal(run.code, 0);
  assert.match(run.stderr, /^makespan: the engine's thread has been blocked for more than 1000 ms by the handler of "[^"]*#block", task t1; move the work to a thread or process agent\n$/);
});
