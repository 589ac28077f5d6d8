// Due dates in a run of the built program: what cannot make it is refused or downgraded, what is at risk is told before it is late.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { built, makespan } from "../support/built.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

before(built);

const FLOW = (ifLate: string): string => `tasks:
  first: { run: echo first, estimate: 10m }
  second: { run: echo second, needs: first, estimate: 10m, due: 15m, if_late: ${ifLate} }
`;

test("a flow whose task cannot make its due date is refused as a whole, with the forecast", { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "flow.yaml"), FLOW("refuse"));
  const run = await makespan(["run", "flow.yaml", "--json"], { cwd: folder });
  assert.equal(run.code, 2);
  const { error } = JSON.parse(run.stderr.trim().split("\n").at(-1)!) as { error: { code: string; detail: { late: readonly { late_ms: number }[] } } };
  assert.equal(error.code, "cannot_make_it");
  assert.ok(Math.abs(error.detail.late[0]!.late_ms - 300_000) < 60_000, JSON.stringify(error));
  const listed = await makespan(["ls", "--json", "--db", "flow.makespan.db"], { cwd: folder });
  assert.deepEqual((JSON.parse(listed.stdout) as { tasks: unknown[] }).tasks, []);
});

test("downgraded it runs all the same, and the run says so; one that is late is counted", { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "flow.yaml"), FLOW("downgrade"));
  const run = await makespan(["run", "flow.yaml"], { cwd: folder });
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stderr, /downgraded: second would be .* late, and runs as best effort/);
  writeFileSync(join(folder, "late.yaml"), "tasks:\n  slow: { run: sleep 2, estimate: 10s, due: 1500ms }\n");
  const late = await makespan(["run", "late.yaml"], { cwd: folder });
  assert.match(late.stderr, /at risk: slow is due in /);
  assert.match(late.stdout, /1 task ended after its due date/);
  const stats = await makespan(["stats", "--json", "--db", "late.makespan.db"], { cwd: folder });
  const { late: count, at_risk: atRisk } = JSON.parse(stats.stdout) as { late: number; at_risk: number | null };
  assert.deepEqual([count, atRisk], [1, null]);
});
