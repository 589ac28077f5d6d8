// Ids as text: what is written is read back, and anything else is refused in one sentence.
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatFlowId, formatTaskId, parseFlowId, parseTaskId } from "../../../src/protocol/ids.ts";

test("what is formatted is parsed back", () => {
  assert.equal(formatTaskId(17), "t17");
  assert.equal(parseTaskId("t17"), 17);
  assert.equal(parseFlowId(formatFlowId(3)), 3);
  assert.equal(parseTaskId(formatTaskId(Number.MAX_SAFE_INTEGER)), Number.MAX_SAFE_INTEGER);
});

test("anything else is refused", () => {
  for (const text of ["17", "f17", "t", "t0", "t017", "t1.5", "t-1", " t1", "t1 ", "t9007199254740993", "", 17, undefined, null, {}]) {
    assert.throws(() => parseTaskId(text), { code: "invalid_option", message: /^The id of a task looks like t17; got / });
  }
  assert.throws(() => parseFlowId("t3"), { message: 'The id of a flow looks like f17; got "t3".' });
});
