/**
 * Notices when the engine's own thread is blocked: by a handler that computes or waits without yielding. A blocked thread can
 * say nothing, so a small thread beside it watches a heartbeat in shared memory and writes one line to stderr, naming the task
 * whose handler was being called; when the block is over, the engine is told how long it was.
 */
import { Worker } from "node:worker_threads";
import type { TaskId } from "../core/task.ts";
import { siblingModule } from "./sibling-module.ts";

export interface Blocked {
  /** How long the thread was blocked, in ms, to within a quarter of the limit. */
  readonly blockedMs: number;
  /** The task whose handler was being called; undefined when the block came from elsewhere (say, after an `await`). */
  readonly task: { readonly type: string; readonly id: TaskId } | undefined;
}

export interface WatchdogOptions {
  /** A block longer than this is reported, in ms; default 1000. */
  readonly limitMs?: number;
  /** Called on the watched thread after each reported block. */
  readonly onBlocked?: (blocked: Blocked) => void;
  /** File descriptor of the line; default 2, stderr. */
  readonly fd?: number;
}

export interface Watchdog {
  /** A number that stands for a task type in `enter`. */
  label(type: string): number;
  /** Says that a handler is about to be called, and costs two stores to memory. */
  enter(label: number, id: TaskId): void;
  leave(): void;
  close(): Promise<void>;
}

/** Layout of the shared memory: places in the array of 32-bit integers; the ids are two doubles behind it. */
export const BEAT = 0;
export const LABEL = 1;
export const BLOCKED_LABEL = 2;
export const STATE = 3;
export const ID_OFFSET_BYTES = 16;
export const SHARED_BYTES = 32;

/** `STATE`: nothing was reported, a block was reported, the watcher is to end. */
export const QUIET = 0;
export const REPORTED = 1;
export const CLOSED = 2;

export interface WatcherData {
  readonly shared: SharedArrayBuffer;
  readonly limitMs: number;
  readonly fd: number;
}

/** A new type of task, or the end. */
export type WatcherMessage = { readonly label: number; readonly type: string };

const DEFAULT_LIMIT_MS = 1_000;

/**
 * Watches the calling thread from the first type that is labelled: without handlers there is nobody to name, and a process with a
 * thread less is forked faster, for each command that it runs. It keeps no process alive.
 */
export function createWatchdog(options: WatchdogOptions = {}): Watchdog {
  const limitMs = options.limitMs ?? DEFAULT_LIMIT_MS;
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const cells = new Int32Array(shared, 0, 4);
  const ids = new Float64Array(shared, ID_OFFSET_BYTES, 2);
  const types = [""];
  const data: WatcherData = { shared, limitMs, fd: options.fd ?? 2 };
  let watching: { readonly worker: Worker; readonly timer: NodeJS.Timeout } | undefined;

  let beatAt = performance.now();
  const beat = (): void => {
    const now = performance.now();
    if (Atomics.compareExchange(cells, STATE, REPORTED, QUIET) === REPORTED) {
      const type = types[Atomics.load(cells, BLOCKED_LABEL)];
      options.onBlocked?.({ blockedMs: Math.round(now - beatAt), task: type === undefined || type === "" ? undefined : { type, id: ids[1] ?? 0 } });
    }
    beatAt = now;
    Atomics.add(cells, BEAT, 1);
  };
  const watch = (): NonNullable<typeof watching> => {
    const worker = new Worker(siblingModule(import.meta.url, "watchdog-thread"), { workerData: data, name: "makespan watchdog", stdin: false });
    worker.unref();
    beatAt = performance.now();
    const timer = setInterval(beat, limitMs / 4);
    timer.unref();
    return { worker, timer };
  };

  return {
    label(type) {
      watching ??= watch();
      const label = types.push(type) - 1;
      watching.worker.postMessage({ label, type } satisfies WatcherMessage);
      return label;
    },
    enter(label, id) {
      ids[0] = id;
      cells[LABEL] = label;
    },
    leave() {
      cells[LABEL] = 0;
    },
    async close() {
      if (watching === undefined) return;
      clearInterval(watching.timer);
      Atomics.store(cells, STATE, CLOSED);
      Atomics.notify(cells, STATE);
      watching.worker.ref();
      await watching.worker.terminate();
    },
  };
}
