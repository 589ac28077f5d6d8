/** A worker that is a thread of the engine's process: the cheapest to talk to, and it can be ended in the middle of a loop. */
import { Worker } from "node:worker_threads";
import { siblingModule } from "../../sibling-module.ts";
import type { FromWorker, WorkerSetup } from "./messages.ts";
import type { StartWorker, WorkerEvents, WorkerPort } from "./worker-port.ts";

export function threadStarter(name: string, setup: WorkerSetup, memoryLimitMb: number | undefined, execArgv: readonly string[] | undefined): StartWorker {
  return (events) => {
    const worker = new Worker(siblingModule(import.meta.url, "thread-main"), {
      name,
      ...(memoryLimitMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: memoryLimitMb } }),
      ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
    });
    worker.postMessage({ kind: "setup", setup });
    return connect(worker, events);
  };
}

function connect(worker: Worker, events: WorkerEvents): WorkerPort {
  let cause = "";
  worker.on("message", (message: FromWorker) => events.message(message));
  worker.on("messageerror", (error) => void (cause = `: ${error.message}`));
  worker.on("error", (error: unknown) => void (cause = `: ${error instanceof Error ? error.message : String(error)}`));
  worker.on("exit", (code) => events.ended(`ended with exit code ${code}${cause}`));
  return {
    send: (message) => worker.postMessage(message),
    hold: (held) => (held ? worker.ref() : worker.unref()),
    kill: () => void worker.terminate(),
    usage: () => undefined,
  };
}
