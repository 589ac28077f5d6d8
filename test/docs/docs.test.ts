// Every program and every terminal session in the documentation is run, and prints what the text says it prints; programs are
// type-checked too.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bin, built } from "../support/built.ts";
import { codeOf } from "./blocks.ts";
import { differenceOf } from "./printed.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const hooks = new URL("./resolve-makespan.ts", import.meta.url).href;
const TIMEOUT_MS = 60_000;

const names = (await readdir(join(root, "docs"))).filter((name) => name.endsWith(".md")).map((name) => join("docs", name));
if ((await readdir(root)).includes("README.md")) names.unshift("README.md");
const documents = await Promise.all(names.map(async (name) => ({ name, ...codeOf(await readFile(join(root, name), "utf8")) })));

let folder = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "makespan-docs-"));
  await built();
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await mkdir(join(folder, "bin"));
  await symlink(bin, join(folder, "bin", "makespan"));
  for (const { name, files, programs } of documents) {
    await mkdir(folderOf(name), { recursive: true });
    await writeFile(join(folderOf(name), "package.json"), '{ "type": "module" }');
    for (const [file, text] of files) await writeFile(join(folderOf(name), file), text);
    for (const { line, code } of programs) await writeFile(programOf(name, line), code);
  }
});
after(() => rm(folder, { recursive: true }));

function folderOf(name: string): string {
  return join(folder, basename(name, ".md").toLowerCase());
}

function programOf(name: string, line: number): string {
  return join(folderOf(name), `line-${line}.ts`);
}

test("the programs of the documentation have no type errors", { timeout: TIMEOUT_MS }, async () => {
  const config = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      noUnusedLocals: false,
      typeRoots: [join(root, "node_modules/@types")],
      paths: {
        makespan: [join(root, "src/app/index.ts")],
        "makespan/testing": [join(root, "src/testing/index.ts")],
        "makespan/sim": [join(root, "src/sim/index.ts")],
      },
    },
    include: ["**/*.ts"],
    exclude: ["node_modules"],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  const compiler = join(root, "node_modules/.bin/tsc");
  const { stdout } = await run(compiler, ["--noEmit", "-p", folder], { cwd: root }).catch((error: { stdout: string }) => ({ stdout: error.stdout }));
  assert.equal(stdout, "");
});

for (const { name, programs } of documents) {
  for (const { line, output } of programs) {
    test(`${name}:${line} runs${output === undefined ? "" : " and prints what it says"}`, { timeout: TIMEOUT_MS }, async () => {
      const { stdout, stderr } = await run(process.execPath, ["--import", hooks, programOf(name, line)], { cwd: folderOf(name), timeout: TIMEOUT_MS });
      assert.equal(stderr, "");
      if (output !== undefined) assert.equal(stdout, output);
    });
  }
}

/** Both streams together, as on a terminal; what fails is told by what it prints. */
async function inShell(command: string, cwd: string): Promise<string> {
  const path = [join(folder, "bin"), dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const options = { cwd, timeout: TIMEOUT_MS, env: { ...process.env, PATH: path, NO_COLOR: "1", LC_ALL: "C" } };
  const child = run("sh", ["-c", `exec 2>&1\n${command}`], options);
  child.child.stdin?.end();
  const { stdout } = await child.catch((error: { stdout: string }) => ({ stdout: error.stdout }));
  return stdout.replaceAll(cwd, "/project");
}

for (const { name, sessions } of documents) {
  for (const { line, files, commands } of sessions) {
    test(`${name}:${line} prints what it says`, { timeout: TIMEOUT_MS }, async () => {
      const cwd = folderOf(name);
      for (const [file, text] of files) await writeFile(join(cwd, file), text);
      for (const command of commands) {
        const printed = await inShell(command.text, cwd);
        const difference = differenceOf(command.output, printed);
        assert.equal(difference, undefined, `${name}:${command.line}: $ ${command.text}\n${printed}`);
      }
    });
  }
}
