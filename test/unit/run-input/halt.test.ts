// When a run stops early, and the job log that scripts made for GNU parallel read.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Halt, parseHalt } from "../../../src/cli/run/halt.ts";
import { JOB_LOG_HEADER, JobLog, jobLogLine } from "../../../src/cli/run/joblog.ts";

const folder = mkdtempSync(join(tmpdir(), "joblog-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The answers to outcomes written as `+` and `-`. */
function answers(rule: string, outcomes: string, total?: number): string {
  const halt = new Halt(parseHalt(rule), total);
  return Array.from(outcomes, (outcome, index) => halt.record(index + 1, outcome === "+" ? "succeeded" : "failed")).join(" ");
}

test("a rule stops the run at its number", () => {
  assert.equal(answers("now,fail=1", "++-+"), "go go now now");
  assert.equal(answers("soon,fail=2", "-+-+"), "go go soon soon");
  assert.equal(answers("now,success=1", "--+"), "go go now");
  assert.equal(answers("soon,done=2", "+-+"), "go soon soon");
  assert.equal(answers("never", "---"), "go go go");
});

test("a task that is run again counts once, by its last outcome", () => {
  const halt = new Halt(parseHalt("soon,fail=2"));
  assert.deepEqual([halt.record(1, "failed"), halt.record(1, "failed"), halt.record(1, "succeeded"), halt.record(2, "failed")], ["go", "go", "go", "go"]);
  const counting = new Halt(parseHalt("soon,done=2"));
  assert.deepEqual([counting.record(1, "failed"), counting.record(1, "succeeded"), counting.record(2, "failed")], ["go", "go", "soon"]);
});

test("a share counts against all tasks when their number is known", () => {
  assert.equal(answers("soon,fail=20%", "----", 20), "go go go soon");
  assert.equal(answers("now,done=50%", "++", 4), "go now");
  assert.equal(answers("now,fail=1%", "+-", 1000), "go go");
});

test("a share counts against the outcomes so far while the number is not known", () => {
  assert.equal(answers("soon,fail=50%", "--+"), "go go soon");
  assert.equal(answers("soon,fail=50%", "+++-"), "go go go go");
  assert.equal(answers("now,done=10%", "+++++"), "go go go go go");
});

test("a rule that cannot be is refused with the right form", () => {
  for (const text of ["", "2", "now", "later,fail=1", "now,fail", "now,fail=0", "soon,fail=101%", "soon,fail=1.5", "now,failed=1"]) {
    assert.throws(() => parseHalt(text), { code: "invalid_option", message: /^--halt expects never, or now\|soon,fail\|success\|done=N or N%/ }, text);
  }
});

test("a line of the job log has the columns of GNU parallel", () => {
  const line = jobLogLine({ seq: 3, startedAt: 1_376_577_364_974, runtimeMs: 8, exitCode: 2, signal: 15, command: "echo\ta\nb" });
  assert.equal(line, "3\t:\t1376577364.974\t     0.008\t0\t0\t2\t15\techo a b\n");
  assert.equal(line.split("\t").length, JOB_LOG_HEADER.split("\t").length);
});

test("a job log starts anew, or goes on with one header", async () => {
  const path = join(folder, "log");
  const entry = { seq: 1, startedAt: 1000, runtimeMs: 1, exitCode: 0, signal: 0, command: "x" };
  for (const append of [true, true, false]) {
    const log = await JobLog.open(path, { append });
    log.write(entry);
    await log.close();
    const lines = append ? readFileSync(path, "utf8").split(JOB_LOG_HEADER) : [];
    if (append) assert.equal(lines.length, 2, "one header");
  }
  assert.equal(readFileSync(path, "utf8"), JOB_LOG_HEADER + jobLogLine(entry));
});

test("a job log that cannot be written is refused", async () => {
  await assert.rejects(JobLog.open(join(folder, "none", "log"), { append: false }), { code: "invalid_option", message: /--joblog .* cannot be written/ });
});
