// Which store file a command means.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { dbPathForRun, dbPathToInspect } from "../../../src/app/db-path.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("a run keeps its tasks beside the flow file, or in makespan.db for lists", () => {
  assert.equal(dbPathForRun({ env: {}, folder: "/here", flowFile: "flows/deploy.yaml" }), "/here/flows/deploy.makespan.db");
  assert.equal(dbPathForRun({ env: {}, folder: "/here", flowFile: "/there/a.b.json" }), "/there/a.b.makespan.db");
  assert.equal(dbPathForRun({ env: {}, folder: "/here" }), "/here/makespan.db");
});

test("--db goes before MAKESPAN_DB, and both before the rest", () => {
  const env = { MAKESPAN_DB: "env.db" };
  assert.equal(dbPathForRun({ explicit: "x.db", env, folder: "/here", flowFile: "a.yaml" }), "/here/x.db");
  assert.equal(dbPathForRun({ env, folder: "/here", flowFile: "a.yaml" }), "/here/env.db");
  assert.equal(dbPathForRun({ env: { MAKESPAN_DB: "" }, folder: "/here" }), "/here/makespan.db");
});

test("a command looks at makespan.db, else at the only *.makespan.db", (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, "build.makespan.db"), "");
  assert.equal(dbPathToInspect({ env: {}, folder }), join(folder, "build.makespan.db"));
  writeFileSync(join(folder, "makespan.db"), "");
  assert.equal(dbPathToInspect({ env: {}, folder }), join(folder, "makespan.db"));
});

test("no file, several files and a missing file are refused with what to do", (t) => {
  const folder = temporaryFolder(t);
  assert.throws(() => dbPathToInspect({ env: {}, folder }), { code: "store_not_found", message: /--db FILE, or set MAKESPAN_DB/ });
  assert.throws(() => dbPathToInspect({ env: {}, folder, explicit: "none.db" }), { code: "store_not_found", message: /There is no file .*none\.db\. / });
  assert.throws(() => dbPathToInspect({ env: { MAKESPAN_DB: "none.db" }, folder }), { message: /\(from MAKESPAN_DB\)/ });
  assert.throws(() => dbPathToInspect({ env: {}, folder, explicit: "" }), { code: "invalid_option" });
  for (const name of ["a", "b", "c", "d", "e"]) writeFileSync(join(folder, `${name}.makespan.db`), "");
  assert.throws(() => dbPathToInspect({ env: {}, folder }), { code: "invalid_option", message: /a\.makespan\.db, b\.makespan\.db, c\.makespan\.db and 2 more/ });
});
