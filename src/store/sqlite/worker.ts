/**
 * The thread that owns a store file: carries out calls one at a time, in the order in which they came, so that disk work never
 * holds up the engine's event loop. It has no use for an event loop of its own: between calls it sleeps (`mailbox.ts`).
 */
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from "node:worker_threads";
import { assert } from "../../core/assert.ts";
import { MakespanError } from "../../protocol/errors.ts";
import type { Database } from "./database.ts";
import { FileOwner } from "./file-owner.ts";
import { MailReceiver } from "./mailbox.ts";
import type { Answer, Call, PackedError, ThreadData, WorkerOptions } from "./messages.ts";
import { toStoreError } from "./sqlite-error.ts";

type WrapDatabase = (db: Database, options: unknown) => Database;

const port = parentPort;
assert(port !== null, "the store's thread was started by a store");
const { options, mail: memory } = workerData as ThreadData;
const mail = new MailReceiver(memory);
const wrap = options.wrapper === undefined ? undefined : await loadWrapper(options.wrapper);
const owner = new FileOwner(options, wrap);

for (let taken = 0, isOpen = true; isOpen; taken++) {
  mail.sleep(taken);
  const mailed = mail.take();
  const call = mailed ?? received(port);
  const answered = answer(call);
  if (mailed !== undefined && answered === null) mail.answerDone();
  else port.postMessage(answered);
  isOpen = !("op" in call && call.op === "close");
}
port.close();

function received(from: MessagePort): Call {
  const message = receiveMessageOnPort(from);
  assert(message !== undefined, "a call is sent before it is counted");
  return message.message as Call;
}

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
