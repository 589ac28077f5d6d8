/**
 * The engine's end of the thread that owns a store file: posts calls, and settles their promises in order. A call under way
 * keeps the process alive; an idle store does not.
 *
 * One answer is passed on in each round of the event loop. Passing it on starts handlers and posts the next commit, and Node
 * goes on reading messages while there are any: were answers passed on as they come, a busy store would keep timers and
 * sockets waiting for as long as it is busy (decisions/008).
 */
import { Worker, type Transferable } from "node:worker_threads";
import { MakespanError } from "../../protocol/errors.ts";
import type { StoreState } from "../store.ts";
import type { Answer, Call, PackedError, WorkerOptions } from "./messages.ts";

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class FileThread {
  readonly #options: WorkerOptions;
  #worker: Worker | undefined;
  /** Calls under way, oldest first. */
  #waiting: Waiting[] = [];
  /** Answers that have come and are not passed on yet. */
  #answers: Answer[] = [];
  #closing: Promise<void> | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** Starts the thread and opens the file. */
  async start(): Promise<StoreState> {
    if (this.#worker !== undefined) {
      throw new MakespanError("store_in_use", `This store has ${this.#options.path} open already. Close it before opening it again.`, { path: this.#options.path });
    }
    // The same module under its name here: .ts in the source tree, .js in the built package.
    const worker = new Worker(new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url), { workerData: this.#options });
    worker.on("message", (answer: Answer) => this.#keep(worker, answer));
    worker.on("error", (error: Error) => this.#fail(worker, error.message));
    worker.on("exit", () => this.#fail(worker, "it ended"));
    this.#worker = worker;
    this.#closing = undefined;
    try {
      return await this.ask<StoreState>({ op: "open" });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  ask<Value>(call: Call, transfer?: readonly Transferable[]): Promise<Value> {
    const worker = this.#worker;
    if (worker === undefined || this.#closing !== undefined) {
      return Promise.reject(new MakespanError("engine_closed", `The store ${this.#options.path} is not open. Open it first.`, { path: this.#options.path }));
    }
    return this.#post<Value>(worker, call, transfer);
  }

  /** Waits for everything under way, gives up the file and ends the thread. */
  close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return Promise.resolve();
    this.#closing ??= this.#end(worker);
    return this.#closing;
  }

  async #end(worker: Worker): Promise<void> {
    const exit = new Promise<void>((resolve) => void worker.once("exit", () => resolve()));
    try {
      await this.#post<void>(worker, { op: "close" });
    } finally {
      worker.ref();
      await worker.terminate();
      await exit;
      if (this.#worker === worker) this.#worker = undefined;
    }
  }

  #post<Value>(worker: Worker, call: Call, transfer?: readonly Transferable[]): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      if (this.#waiting.length === 0) worker.ref();
      this.#waiting.push({ resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage(call, transfer);
    });
  }

  /** Of a thread that has failed nobody waits for an answer any more. */
  #keep(worker: Worker, answer: Answer): void {
    if (this.#worker !== worker) return;
    if (this.#answers.push(answer) === 1) setImmediate(this.#passOn);
  }

  readonly #passOn = (): void => {
    const answer = this.#answers.shift();
    if (this.#answers.length > 0) setImmediate(this.#passOn);
    if (answer !== undefined) this.#settle(answer);
  };

  #settle(answer: Answer): void {
    const waiting = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#worker?.unref();
    if (answer === null) waiting?.resolve(undefined);
    else if (answer.error === undefined) waiting?.resolve(answer.value);
    else waiting?.reject(unpackError(answer.error));
  }

  /** The thread is gone: whoever waits gets an error, and nothing more is taken. */
  #fail(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const answer of this.#answers.splice(0)) this.#settle(answer);
    const waiting = this.#waiting;
    this.#waiting = [];
    const { path } = this.#options;
    for (const { reject } of waiting) {
      reject(new MakespanError("store_io", `The thread that owns the store file ${path} stopped (${why}). What was under way may or may not be in the file; start again.`, { path }));
    }
  }
}

function unpackError({ code, message, detail }: PackedError): Error {
  return code === undefined ? new Error(message) : new MakespanError(code, message, detail);
}
