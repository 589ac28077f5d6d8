// The package as npm would publish it, in another folder: its command line, its import and its types work there with nothing
// but its runtime dependencies, and an older Node gets one clear line.
import assert from "node:assert/strict";
import { execFileSync, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { built } from "../support/built.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const OLD_NODES = ["/usr/bin/node", "/usr/local/bin/node"];

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
const folder = realpathSync(mkdtempSync(join(tmpdir(), "makespan-test-")));
after(() => rmSync(folder, { recursive: true, force: true }));
const installed = join(folder, "node_modules", "makespan");

before(async () => {
  await built();
  // No scripts: the one that builds would do it under the feet of other tests.
  const name = execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], { cwd: ROOT, encoding: "utf8" }).trim();
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, name), "-C", installed, "--strip-components=1"]);
  // What `npm install` would do, without a network: the runtime dependencies and the link to the command.
  for (const dependency of [...Object.keys(manifest.dependencies), "@types/node", "undici-types"]) {
    mkdirSync(dirname(join(folder, "node_modules", dependency)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", dependency), join(folder, "node_modules", dependency));
  }
  mkdirSync(join(folder, "node_modules", ".bin"));
  symlinkSync("../makespan/bin/makespan.js", join(folder, "node_modules", ".bin", "makespan"));
  writeFileSync(join(folder, "package.json"), '{ "name": "elsewhere", "version": "1.0.0", "type": "module" }\n');
});

/** In the folder, with this Node first on the PATH. */
function run(program: string, args: readonly string[], input = ""): SpawnSyncReturns<string> {
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}` };
  return spawnSync(program, args, { cwd: folder, env, encoding: "utf8", input });
}

function succeeded({ status, stdout, stderr }: SpawnSyncReturns<string>): string {
  assert.equal(status, 0, stderr + stdout);
  return stdout;
}

test("it holds the built program and nothing of the workshop", () => {
  assert.deepEqual(readdirSync(installed).toSorted(), ["CHANGELOG.md", "LICENSE", "README.md", "bin", "dist", "package.json"].filter((name) => existsSync(join(ROOT, name))).toSorted());
  const sources = readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
  assert.deepEqual(sources, []);
});

test("npx makespan: version and a list of commands", () => {
  assert.equal(succeeded(run("npx", ["--no", "--offline", "makespan", "--version"])).trim(), manifest.version);
  const stdout = succeeded(run("npx", ["--no", "--offline", "makespan", "run", "-q", "-j1", "--", "echo", "got", "{}"], "one\ntwo\n"));
  assert.equal(stdout, "got one\ngot two\n");
  assert.match(succeeded(run("npx", ["--no", "--offline", "makespan", "ls"])), /t2 +succeeded/);
});

test("a flow file whose handlers are TypeScript", () => {
  writeFileSync(join(folder, "double.ts"), "export const double = (input: { readonly n: number }): number => 2 * input.n;\n");
  writeFileSync(join(folder, "flow.yaml"), 'agents:\n  pool: { kind: threads, count: 1 }\ntasks:\n  two: { call: "./double.ts#double", agent: pool, with: { n: 1 } }\n  four: { call: "./double.ts#double", with: { n: "{needs.two}" }, needs: two }\n');
  const summary = JSON.parse(succeeded(run("npx", ["--no", "--offline", "makespan", "run", "flow.yaml", "--json", "-q"]))) as { readonly tasks: { readonly succeeded: number } };
  assert.equal(summary.tasks.succeeded, 2);
});

const PROGRAM = `
import { defineTask, open, type TaskDefinition } from "makespan";
import { openForTest } from "makespan/testing";
import { simulate, type SimulationResult } from "makespan/sim";

const greet = defineTask({ type: "greet", handler: async (input: { readonly name: string }) => \`Hello, \${input.name}\` });
const typed: TaskDefinition<{ readonly name: string }, string> = greet;
await using app = await open({ path: "app.db", tasks: [greet] });
const greeting: string = await (await app.submit(typed, { name: "Ada" })).result();
const simulated: SimulationResult = simulate({ workload: "poisson:tasks=10", agents: 1 });
console.log(greeting, typeof openForTest, simulated.completed);
`;

test("import: a task runs, and the types resolve", () => {
  writeFileSync(join(folder, "app.ts"), PROGRAM);
  assert.equal(succeeded(run(process.execPath, ["app.ts"])), "Hello, Ada function 10\n");
  const options = { target: "es2024", lib: ["es2024", "esnext.disposable"], module: "nodenext", strict: true, noEmit: true, skipLibCheck: false, types: ["node"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["app.ts"] }));
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  succeeded(run(process.execPath, [tsc, "-p", "."]));
  writeFileSync(join(folder, "app.ts"), PROGRAM.replace('{ name: "Ada" }', "{ nam: 1 }"));
  const wrong = run(process.execPath, [tsc, "-p", "."]);
  assert.match(wrong.stdout, /^app\.ts\(9,\d+\): error TS2769/, "types are those of the definition, not any");
});

test("an older Node says in one line what is needed", (t) => {
  const old = OLD_NODES.find((path) => existsSync(path) && Number.parseInt(execFileSync(path, ["--version"], { encoding: "utf8" }).slice(1)) < 24);
  if (old === undefined) return t.skip(`none of ${OLD_NODES.join(", ")} is an older Node`);
  for (const args of [["--version"], ["run", "--", "true"]]) {
    const { status, stdout, stderr } = run(old, [join(installed, "bin", "makespan.js"), ...args]);
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(stderr, /^makespan: this is Node \d+\.\d+\.\d+, but Node 24\.15 or newer is needed: run "npm install [^"]+" here, or install it from https:\/\/nodejs\.org\n$/);
  }
});
