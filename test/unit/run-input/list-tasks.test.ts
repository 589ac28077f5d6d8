// Lines become tasks as they come: separators, limits, templates as in xargs and GNU parallel, and constant memory.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describeWork } from "../../../src/cli/run/describe.ts";
import fc from "fast-check";
import { CopyCounter } from "../../../src/cli/run/input/copy-counter.ts";
import { digest } from "../../../src/app/flow-file/content-hash.ts";
import { lineBatches, type LineOptions } from "../../../src/cli/run/input/line-batches.ts";
import { listTasks, type ListOptions } from "../../../src/cli/run/input/list-tasks.ts";
import type { PlannedTask } from "../../../src/protocol/task-plan.ts";
import { renderTemplate } from "../../../src/protocol/template/template.ts";

async function* stream(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk as Uint8Array);
}

async function linesOf(source: AsyncIterable<Uint8Array>, options: Partial<LineOptions> = {}): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const batch of lineBatches(source, { name: "stdin", ...options })) {
    assert.equal(batch.first, lines.length + 1);
    lines.push(...batch.lines);
  }
  return lines;
}

async function tasksOf(text: string, options: Partial<ListOptions> & { readonly command: readonly string[] }): Promise<readonly PlannedTask[]> {
  const tasks: PlannedTask[] = [];
  for await (const batch of listTasks(stream(text), { name: "stdin", ...options })) tasks.push(...batch);
  return tasks;
}

async function commandsOf(text: string, command: readonly string[], options: Partial<ListOptions> = {}): Promise<readonly string[]> {
  return (await tasksOf(text, { command, ...options })).map((task) => describeWork(task));
}

test("lines come whole, however the stream is cut", async () => {
  const line = fc.string({ unit: "binary", maxLength: 12 }).map((text) => text.replaceAll(/[\0\r\n\uFEFF]/g, ""));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 20 }), fc.constantFrom("\n", "\r\n", "\0"), fc.array(fc.nat(300), { maxLength: 6 }), async (lines, separator, cuts) => {
      const bytes = Buffer.from(lines.map((text) => text + separator).join(""));
      const ends = [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
      assert.deepEqual(await linesOf(stream(...chunks), { nul: separator === "\0" }), lines);
    }),
  );
});

test("a last line without an end counts, a byte order mark does not", async () => {
  assert.deepEqual(await linesOf(stream("\uFEFFa\nb")), ["a", "b"]);
  assert.deepEqual(await linesOf(stream("a\nb\0", "c\0"), { nul: true }), ["a\nb", "c"]);
  assert.deepEqual(await linesOf(stream("")), []);
});

test("a bad line is refused with its number", async () => {
  await assert.rejects(linesOf(stream("a\nb\n", Buffer.from([0x63, 10, 0xff, 10]))), { code: "invalid_input", message: /^stdin:4: it is not valid UTF-8/ });
  await assert.rejects(linesOf(stream("a\nb\0c\n")), { code: "invalid_input", message: /^stdin:2: it holds a NUL byte.*--null/ });
  const long = "x".repeat(1024 * 1024 + 1);
  await assert.rejects(linesOf(stream(`a\n${long}\n`)), { code: "invalid_input", message: /^stdin:2: it is longer than 1 MiB/ });
  await assert.rejects(linesOf(stream("a\n", ...Array.from({ length: 40 }, () => "y".repeat(65_536)))), { message: /^stdin:2: it is longer than 1 MiB/ });
  assert.equal((await linesOf(stream(`${long.slice(1)}\n`)))[0]?.length, 1024 * 1024);
});

test("several words are a program and its arguments, one word with signs of the shell is a script", async () => {
  assert.deepEqual(await commandsOf("a b\nc\n", ["wc", "-l", "{}"]), ["wc -l 'a b'", "wc -l c"]);
  assert.deepEqual(await commandsOf("a b\n", ["echo {} | wc"]), ["echo 'a b' | wc"]);
  assert.deepEqual(await commandsOf("a b\n", ["true"]), ["true 'a b'"]);
  assert.deepEqual(await commandsOf("a b\n", ["echo hi;wc"]), ["echo hi;wc 'a b'"]);
  assert.deepEqual(await commandsOf("x/y.tar.gz\n", ["cp", "{}", "{.}:{/}:{//}:{/.}:{#}"]), ["cp x/y.tar.gz x/y.tar:y.tar.gz:x:y.tar:1"]);
  assert.deepEqual(await commandsOf("a\n", ["awk", "{print $1}", "{}"]), ["awk '{print $1}' a"]);
});

test("several lines make one task", async () => {
  const two = { linesPerTask: 2 };
  assert.deepEqual(await commandsOf("a\nb c\n\nd\n", ["wc", "{}"], two), ["wc a 'b c'", "wc d"]);
  assert.deepEqual(await commandsOf("a\nb c\nd\n", ["mv {1} {2}; echo {}"], two), ["mv a 'b c'; echo a 'b c'", "mv d ''; echo d"]);
  assert.deepEqual(await commandsOf("a\nb\n", ["wc", "x{}"], two), ["wc 'xa b'"]);
});

test("empty lines are passed over, but not between NULs", async () => {
  assert.equal((await tasksOf("\na\n\n", { command: ["x"] })).length, 1);
  assert.equal((await tasksOf("\0a\0", { command: ["x"], nul: true })).length, 2);
});

test("a command that cannot be is refused before anything is read", async () => {
  for (const [command, message] of [
    [[], /Expected a command after --/],
    [["echo {2}"], /use -n 2/],
    [["echo {%}"], /use \{#\}/],
    [["echo `ls {}`"], /backticks/],
    [["echo hi # done"], /cannot be appended where it ends/],
    [["echo 'hi"], /cannot be appended where it ends/],
  ] as const) {
    const never = (async function* (): AsyncGenerator<Uint8Array> {
      yield await Promise.reject(new Error("the stream was read"));
    })();
    await assert.rejects(listTasks(never, { name: "stdin", command }).next(), { code: "invalid_option", message });
  }
});

test("any line reaches the command unchanged", async () => {
  const line = fc.array(fc.oneof(fc.constantFrom(...Array.from("'\"\\$`{} ;|&<>()#*?~!")), fc.string({ unit: "binary", maxLength: 3 })), { minLength: 1 }).map((parts) => parts.join("").replaceAll("\0", ""));
  await fc.assert(
    fc.asyncProperty(fc.array(line.filter((text) => text !== ""), { minLength: 1, maxLength: 4 }), async (lines) => {
      for (const command of [["printf", "%s|%s", "x{}y", "{}"], ["printf '%s|%s' \"x{}y\" {}"]]) {
        const tasks = await tasksOf(lines.join("\0"), { command, nul: true });
        const got = tasks.map(({ work }) => {
          assert.ok(work.kind === "command");
          const text = (template: Parameters<typeof renderTemplate>[0]): string => renderTemplate(template, () => undefined);
          const [program = "", ...rest] = work.command.kind === "argv" ? work.command.argv.map(text) : ["sh", "-c", text(work.command.script)];
          return execFileSync(program, rest, { encoding: "utf8" });
        });
        assert.deepEqual(got, lines.map((text) => `x${text}y|${text}`));
      }
    }),
    { numRuns: 25 },
  );
});

test("equal lines are different tasks, and the same ones the next time", async () => {
  const text = "a\nb\na\na\n";
  const first = (await tasksOf(text, { command: ["x"] })).map((task) => task.contentHash);
  assert.equal(new Set(first).size, 4);
  assert.deepEqual((await tasksOf(text, { command: ["x"] })).map((task) => task.contentHash), first);
  const longer = (await tasksOf(`new\n${text}`, { command: ["x"], settings: { retries: 3, priority: "low" } })).map((task) => task.contentHash);
  assert.deepEqual(longer.slice(1), first);
});

test("copies are numbered without gaps in a small list, and never alike in a long one", () => {
  const small = new CopyCounter();
  assert.deepEqual(["a", "b", "a", "a", "b"].map((word) => small.next(digest(word))), [0, 0, 1, 2, 1]);
  const large = new CopyCounter();
  let wrong = 0;
  for (let index = 0; index < 100_000; index++) wrong += large.next(digest(String(index))) === 0 ? 0 : 1;
  assert.ok(wrong <= 2, `${wrong} new hashes were taken for copies`);
  const again = Array.from({ length: 50 }, () => large.next(digest("7")));
  assert.equal(new Set(again).size, 50);
});

test("a million lines pass in constant memory, and no more is read than is taken", async () => {
  const perChunk = 4000;
  let given = 0;
  async function* million(): AsyncGenerator<Uint8Array> {
    for (; given < 250; given++) yield Buffer.from(Array.from({ length: perChunk }, (_, index) => `folder/file-${given * perChunk + index}.txt\n`).join(""));
  }
  let tasks = 0;
  let batches = 0;
  const live: number[] = [];
  for await (const batch of listTasks(million(), { name: "stdin", command: ["wc", "-l", "{}"] })) {
    tasks += batch.length;
    batches += 1;
    assert.ok(given <= batches, "the source was read ahead");
    if (batches % 80 === 10) live.push(liveBytes());
  }
  assert.equal(tasks, 1_000_000);
  // All tasks together are over half a gigabyte.
  const growth = Math.max(...live) - live[0]!;
  assert.ok(live.length === 4 && growth < 32 * 1024 * 1024, `live memory grew by ${growth} bytes`);
});

/** Bytes on the heap and in buffers once all garbage is gone. */
function liveBytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
