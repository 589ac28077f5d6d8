/**
 * The inside of a pool's worker, thread or process: a function agent of one slot whose reports go over the channel. Modules
 * are loaded when their first task comes.
 */
import { ERRORS, MakespanError, type ErrorCode } from "../../../protocol/errors.ts";
import { assert } from "../../../core/assert.ts";
import type { Usage } from "../../../core/event.ts";
import type { AgentDriver, AttemptReporter, AttemptStart } from "../../agent.ts";
import type { UsageMeter } from "../attempt-run.ts";
import { createFunctionAgent } from "../function-agent.ts";
import type { LazyHandler } from "../handlers.ts";
import { captureOutput } from "./capture-output.ts";
import type { Ending, FromAttempt, FromWorker, RefusalMessage, TaskModule, ToWorker, WorkerSetup } from "./messages.ts";

export interface WorkLoopOptions {
  readonly send: (message: FromWorker) => void;
  readonly meter: UsageMeter;
  /** What this worker holds, and what it has used since it started. */
  readonly status: () => WorkerStatus;
}

export interface WorkerStatus {
  readonly memoryBytes: number;
  readonly totalCpuMs: number;
}

/** Returns what takes the messages of the pool. */
export function createWorkLoop({ send: sendNow, meter, status }: WorkLoopOptions): (message: ToWorker) => void {
  const calls = new Calls();
  const flush = captureOutput((stream, line) => sendNow({ kind: "output", stream, line }));
  const send = (message: FromWorker): void => {
    if (message.kind === "ended") flush();
    sendNow(message);
  };
  let agent: AgentDriver | undefined;
  return (message) => {
    switch (message.kind) {
      case "setup":
        agent = agentOf(message.setup, meter);
        return send({ kind: "ready", totalCpuMs: status().totalCpuMs });
      case "start":
        assert(agent !== undefined, "a worker is set up before its first start");
        return agent.start(message.start, remoteReporter(message.start, send, calls, status));
      case "stop":
        return agent?.stop(message.id, message.attempt, message.reason);
      case "reply":
        return calls.answer(message);
    }
  };
}

function agentOf({ modules, payloadBytes }: WorkerSetup, meter: UsageMeter): AgentDriver {
  const handlers = new Map<string, LazyHandler>();
  for (const [type, module] of Object.entries(modules)) handlers.set(type, { lazy: async () => ({ default: await loadHandler(type, module) }) });
  return createFunctionAgent({ slots: 1, handlers, meter, payloadBytes });
}

/** A named export if one was asked for; else `tasks[type]`, an export called like the type, or the default export. */
async function loadHandler(type: string, { url, export: name }: TaskModule): Promise<unknown> {
  const module = (await import(url)) as Readonly<Record<string, unknown>>;
  const tasks = module["tasks"];
  const found =
    name !== undefined
      ? module[name]
      : ((typeof tasks === "object" && tasks !== null ? (tasks as Readonly<Record<string, unknown>>)[type] : undefined) ?? module[type] ?? module["default"]);
  if (typeof found === "function") return found;
  const expected = name === undefined ? `no function for it: neither tasks["${type}"], nor an export "${type}", nor a default export` : `no function called "${name}"`;
  throw new Error(`${url} has ${expected}`);
}

/** Calls to the engine that have not been answered. */
class Calls {
  readonly #open = new Map<number, { readonly resolve: (id: number) => void; readonly reject: (error: Error) => void }>();
  #last = 0;

  make(send: (call: number) => void): Promise<number> {
    const call = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#open.set(call, { resolve, reject });
      send(call);
    });
  }

  answer({ call, id, error }: { readonly call: number; readonly id?: number; readonly error?: RefusalMessage }): void {
    const open = this.#open.get(call);
    this.#open.delete(call);
    if (error === undefined) open?.resolve(id ?? 0);
    else open?.reject(Object.hasOwn(ERRORS, error.code) ? new MakespanError(error.code as ErrorCode, error.message) : new Error(error.message));
  }
}

function remoteReporter(start: AttemptStart, send: (message: FromWorker) => void, calls: Calls, status: () => WorkerStatus): AttemptReporter {
  const { id, attempt } = start;
  const tell = (message: FromAttempt): void => send({ id, attempt, ...message });
  const end = (ending: Ending, usage: Usage): void => tell({ kind: "ended", ending, usage, ...status() });
  return {
    succeed: (result, usage) => end({ kind: "succeed", result }, usage),
    fail: (failure, usage) => end({ kind: "fail", failure }, usage),
    park: (until, checkpoint, usage) => end({ kind: "park", until, ...(checkpoint === undefined ? {} : { checkpoint }) }, usage),
    release: (checkpoint, usage) => end({ kind: "release", ...(checkpoint === undefined ? {} : { checkpoint }) }, usage),
    backOff: (limit, retryAfterMs, checkpoint, usage) => end({ kind: "back-off", limit, retryAfterMs, ...(checkpoint === undefined ? {} : { checkpoint }) }, usage),
    checkpoint: async (checkpoint) => void (await calls.make((call) => tell({ kind: "checkpoint", call, checkpoint }))),
    submit: (child) => calls.make((call) => tell({ kind: "submit", call, child })),
    log: (level, text) => tell({ kind: "log", level, text }),
    progress: (fraction, note) => tell({ kind: "progress", fraction, ...(note === undefined ? {} : { note }) }),
  };
}
