/** A warm worker as its pool sees it, be it a thread or a process. */
import type { FromWorker, ToWorker } from "./messages.ts";

export interface WorkerPort {
  send(message: ToWorker): void;
  /** Whether it keeps the engine's process alive. */
  hold(held: boolean): void;
  /** Ends it at once, whatever it does, with all that it started. `ended` follows. */
  kill(): void;
  /** What it has used since it started, where that can be seen from outside while it works. */
  usage(): { readonly cpuMs: number; readonly memoryBytes: number } | undefined;
}

export interface WorkerEvents {
  message(message: FromWorker): void;
  /** A line that came from its stdout or stderr by another way than the handlers': from native code or programs it started. */
  output(stream: "stdout" | "stderr", line: string): void;
  /** It is gone, and `how` says in words how it ended. Called once, last. */
  ended(how: string): void;
}

export type StartWorker = (events: WorkerEvents) => WorkerPort;
