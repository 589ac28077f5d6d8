/**
 * The thread that owns a store file: carries out calls one at a time, in the order in which they came, so that disk work never
 * holds up the engine's event loop.
 */
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../../core/assert.ts";
import { MakespanError } from "../../protocol/errors.ts";
import type { Database } from "./database.ts";
import { FileOwner } from "./file-owner.ts";
import type { Answer, Call, PackedError, WorkerOptions } from "./messages.ts";
import { toStoreError } from "./sqlite-error.ts";

type WrapDatabase = (db: Database, options: unknown) => Database;

const port = parentPort;
assert(port !== null, "the store's thread was started by a store");
const options = workerData as WorkerOptions;
const wrap = options.wrapper === undefined ? undefined : await loadWrapper(options.wrapper);
const owner = new FileOwner(options, wrap);

port.on("message", (call: Call) => {
  port.postMessage(answer(call));
  if ("op" in call && call.op === "close") port.close();
});

function answer(call: Call): Answer {
  try {
    const value = owner.carryOut(call);
    return value === undefined ? null : { value };
  } catch (error) {
    return { error: packError(toStoreError(error, options.path)) };
  }
}

function packError(error: Error): PackedError {
  const { message } = error;
  return error instanceof MakespanError ? { code: error.code, message, detail: error.detail } : { code: undefined, message, detail: {} };
}

async function loadWrapper({ module, options }: NonNullable<WorkerOptions["wrapper"]>): Promise<(db: Database) => Database> {
  const { wrapDatabase } = (await import(module)) as { wrapDatabase: WrapDatabase };
  return (db) => wrapDatabase(db, options);
}
