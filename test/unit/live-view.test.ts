// The live view on a terminal and in a pipe, driven by a clock of its own; the terminal is a small one that obeys the sequences.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createLiveView, type LiveOptions, type LiveStream } from "../../src/cli/view/live.ts";
import type { ProgressState } from "../../src/cli/view/progress.ts";

function makeState(changes: Partial<ProgressState> = {}): ProgressState {
  return {
    title: "run", elapsedMs: 0, total: 100, isTotalFinal: true, succeeded: 0, failed: 0, dropped: 0, resumed: 0, running: [], slots: 2,
    recentPerS: undefined, meanServiceMs: undefined, failures: [], ...changes,
  };
}

/** Time that passes only when told to. */
function makeClock() {
  let nowMs = 0;
  let timer: { readonly ms: number; readonly run: () => void } | undefined;
  const options: LiveOptions = {
    colour: false,
    now: () => nowMs,
    every: (ms, run) => {
      timer = { ms, run };
      return () => (timer = undefined);
    },
  };
  const pass = (ms: number): void => {
    const end = nowMs + ms;
    while (nowMs < end) {
      nowMs += timer?.ms ?? ms;
      timer?.run();
    }
  };
  return { options, pass, isTicking: () => timer !== undefined };
}

const escape = "\u001b";
const wipe = new RegExp(`(${escape}\\[\\d+A\\r${escape}\\[J|\\n)`);

/** A terminal that knows "up", "carriage return" and "clear to the end", and nothing else. */
function makeTerminal(columns: number, rows: number) {
  const lines: string[] = [""];
  let writes = 0;
  const stream: LiveStream = {
    isTTY: true, columns, rows,
    write(text) {
      writes += 1;
      for (const part of text.split(wipe)) {
        if (part.startsWith(escape)) lines.splice(lines.length - 1 - Number.parseInt(part.slice(2), 10), Infinity, "");
        else if (part === "\n") lines.push("");
        else lines[lines.length - 1] += part;
      }
      assert.ok(!lines.join("").includes("\u001b"), "no other sequence is used");
    },
  };
  return { stream, screen: () => lines.slice(0, -1), writes: () => writes };
}

test("a terminal shows one block, repainted in place, at most ten times a second and only on a change", () => {
  const clock = makeClock();
  const terminal = makeTerminal(60, 24);
  let state = makeState();
  const view = createLiveView(terminal.stream, () => state, clock.options);
  clock.pass(1000);
  assert.equal(terminal.writes(), 1);
  for (let done = 1; done <= 50; done++) {
    state = makeState({ succeeded: done, running: done < 25 ? [{ label: "x", agent: "a", forMs: done }] : [] });
    clock.pass(100);
  }
  assert.ok(terminal.writes() <= 51);
  assert.deepEqual(terminal.screen().length, 2);
  assert.match(terminal.screen()[0] ?? "", /50 % {2}50\/100$/);
  view.print("a line that stays");
  assert.equal(terminal.screen()[0], "a line that stays");
  assert.equal(terminal.screen().length, 3);
  state = makeState({ succeeded: 100 });
  view.close();
  view.close();
  view.print("too late");
  assert.ok(!clock.isTicking());
  assert.match(terminal.screen()[1] ?? "", /100 % {2}100\/100$/);
  assert.equal(terminal.screen().length, 3);
});

test("the block can be wiped at the end, and stays lower than the screen", () => {
  const clock = makeClock();
  const terminal = makeTerminal(60, 5);
  const running = Array.from({ length: 8 }, (_, i) => ({ label: `task ${i}`, agent: "a", forMs: i }));
  const view = createLiveView(terminal.stream, () => makeState({ running }), clock.options);
  clock.pass(200);
  assert.equal(terminal.screen().length, 4);
  view.close(false);
  assert.deepEqual(terminal.screen(), []);
});

test("a pipe gets a line every five seconds or ten percent, one for each failure, and no escape sequence", () => {
  const clock = makeClock();
  const written: string[] = [];
  const stream: LiveStream = { write: (text) => written.push(text) };
  let state = makeState();
  const view = createLiveView(stream, () => state, clock.options);
  clock.pass(4000);
  assert.equal(written.length, 0);
  clock.pass(1000);
  assert.equal(written.length, 1);
  clock.pass(20_000);
  assert.equal(written.length, 1, "a line that says nothing new is not written again");
  state = makeState({ succeeded: 5 });
  clock.pass(5000);
  assert.equal(written.length, 2);
  state = makeState({ succeeded: 15 });
  clock.pass(100);
  assert.match(written.at(-1) ?? "", /^15 of 100 done \(15 %\)/);
  const failures = [{ seq: 1, label: "a\u001b[2J", message: "exit 1" }, { seq: 2, label: "b", message: "exit 2" }];
  state = makeState({ succeeded: 15, failed: 2, failures });
  clock.pass(100);
  clock.pass(300);
  assert.deepEqual(written.slice(3), ["failed: a: exit 1\n", "failed: b: exit 2\n"]);
  state = makeState({ succeeded: 15, failed: 9, failures: [{ seq: 9, label: "i", message: "exit 9" }] });
  clock.pass(100);
  assert.deepEqual(written.slice(5, 7), ["6 more failed\n", "failed: i: exit 9\n"]);
  view.print("note");
  state = makeState({ succeeded: 91, failed: 9 });
  view.close();
  view.print("too late");
  assert.match(written.at(-1) ?? "", /^100 of 100 done \(100 %\), 9 failed/);
  assert.ok(written.includes("note\n"));
  assert.ok(!written.join("").includes("\u001b"));
  assert.ok(!clock.isTicking());
});
