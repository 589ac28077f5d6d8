// Every error has an exit code, and every code one meaning.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT_CODES, exitOfError } from "../../../src/cli/exit-codes.ts";
import { ERRORS, MakespanError, type ErrorCode } from "../../../src/protocol/errors.ts";

test("errors about the store end with 5, refusals with 2, anything else is a bug", () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const exit = exitOfError(new MakespanError(code, "it"));
    assert.equal(EXIT_CODES[exit].code, code.startsWith("store_") || code.startsWith("engine_") ? 5 : 2, code);
  }
  assert.equal(EXIT_CODES[exitOfError(new Error("it"))].code, 70);
  assert.equal(EXIT_CODES[exitOfError("it")].code, 70);
});

test("codes are different, and none is one that a shell gives a meaning of its own", () => {
  const codes: readonly number[] = Object.values(EXIT_CODES).map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
  for (const code of codes) assert.ok(code !== 126 && code !== 127 && code >= 0 && code <= 130);
});
