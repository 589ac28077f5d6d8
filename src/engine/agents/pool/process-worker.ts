/**
 * A worker that is a process of its own: what it does to its memory, or a crash in native code, cannot hurt the engine. The
 * channel is file descriptor 3, so that handlers may write to stdout and stderr as they like. It leads a process group of its
 * own: Ctrl-C in a terminal does not reach it, and killing it takes along all that it started.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { assert } from "../../../core/assert.ts";
import { siblingModule } from "../../sibling-module.ts";
import { Lines } from "../lines.ts";
import { killAtExit, killGroup } from "../process-group.ts";
import { readProcess } from "../process-usage.ts";
import type { FromWorker, WorkerSetup } from "./messages.ts";
import { OUTPUT_LINE_BYTES } from "./capture-output.ts";
import { JsonLines } from "./json-lines.ts";
import type { StartWorker, WorkerEvents, WorkerPort } from "./worker-port.ts";

export function processStarter(setup: WorkerSetup, execArgv: readonly string[], env: Readonly<Record<string, string>> | undefined): StartWorker {
  const main = fileURLToPath(siblingModule(import.meta.url, "process-main"));
  return (events) => {
    const child = spawn(process.execPath, [...execArgv, main], {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      detached: true,
      ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
    });
    const port = connect(child, events);
    port.send({ kind: "setup", setup });
    return port;
  };
}

function connect(child: ChildProcess, events: WorkerEvents): WorkerPort {
  const socket = child.stdio[3];
  const { stdout, stderr } = child;
  assert(socket instanceof Socket && stdout instanceof Socket && stderr instanceof Socket, "a child has the pipes that it was spawned with");
  const reader = new JsonLines((message) => events.message(message as FromWorker));
  let cause = "";
  let lastUsage: ReturnType<WorkerPort["usage"]>;
  const usage = (): typeof lastUsage => {
    const now = child.pid === undefined ? undefined : readProcess(child.pid);
    if (now !== undefined) lastUsage = { cpuMs: now.cpuMs, memoryBytes: now.memoryBytes };
    return lastUsage;
  };
  const outputs = (["stdout", "stderr"] as const).map((name) => {
    const lines = new Lines(OUTPUT_LINE_BYTES, (line) => events.output(name, line));
    child[name]?.on("data", (chunk: Buffer) => lines.push(chunk));
    return lines;
  });
  socket.on("data", (chunk: Buffer) => reader.push(chunk));
  // A child that is gone is noticed by its exit; what was on the way to it is lost with it.
  socket.on("error", () => undefined);
  child.on("error", (error) => void (cause = `: ${error.message}`));
  const forget = child.pid === undefined ? () => undefined : killAtExit(child.pid);
  let isGone = false;
  const gone = (how: string): void => {
    if (isGone) return;
    isGone = true;
    forget();
    for (const lines of outputs) lines.end();
    events.ended(how);
  };
  child.on("exit", (code, signal) => {
    const how = signal === null ? `ended with exit code ${code}${cause}` : `was ended by ${signal}${cause}`;
    // What it said before its end is read first, unless something that it started keeps the pipes open.
    const timer = setTimeout(() => gone(how), LAST_WORDS_MS);
    child.once("close", () => {
      clearTimeout(timer);
      gone(how);
    });
  });
  if (child.pid === undefined) child.once("error", (error) => gone(`could not be started: ${error.message}`));
  return {
    send: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    hold(held) {
      for (const handle of [child, socket, stdout, stderr]) {
        if (held) handle.ref();
        else handle.unref();
      }
    },
    kill() {
      usage();
      if (child.pid !== undefined) killGroup(child.pid, "SIGKILL");
    },
    usage,
  };
}

const LAST_WORDS_MS = 1_000;
