/**
 * Starts commands in a small process of its own. A fork takes time by the memory of the process that forks, 0.08 ms per MiB on
 * the machine this was measured on, and stops its thread meanwhile: an engine that spawned itself took 3 ms a command there, and
 * this process takes half of that beside the engine. And it outlives a kill -9 of the engine by the moment it takes to end what runs.
 *
 * The process is started with the first command and replaced when it is lost. It does not keep the engine's process alive while nothing runs.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { siblingModule } from "../../sibling-module.ts";
import type { CommandExit, FromSpawner, SpawnRefusal, SpawnRequest, ToSpawner } from "./spawn-messages.ts";

/** What is said of one command: `refused` or `lost`, or `spawned`, its output and `ended` or `lost`. */
export interface SpawnEvents {
  spawned(pid: number): void;
  output(stream: "stdout" | "stderr", chunk: Buffer): void;
  ended(exit: CommandExit): void;
  /** The system did not start it. */
  refused(refusal: SpawnRefusal): void;
  /** The process that started it is gone. It may run on. */
  lost(how: string): void;
}

/** It holds nothing for long, and its young memory need not be large: what it has written to is what a fork copies. */
const NODE_FLAGS = ["--single-threaded", "--v8-pool-size=0", "--max-semi-space-size=1"];

export class Spawner {
  readonly #running = new Map<number, SpawnEvents>();
  #process: ChildProcess | undefined = undefined;
  /** The environment that the process was told last, as text. */
  #toldEnvironment = "";
  #lastId = 0;

  run(request: SpawnRequest, events: SpawnEvents): void {
    const id = ++this.#lastId;
    this.#running.set(id, events);
    const child = this.#connected();
    if (this.#running.size === 1) hold(child, true);
    this.#tellEnvironment(child);
    send(child, { kind: "run", id, ...request });
  }

  close(): void {
    const child = this.#process;
    this.#process = undefined;
    if (child?.connected === true) child.disconnect();
  }

  #connected(): ChildProcess {
    if (this.#process !== undefined) return this.#process;
    const { NODE_OPTIONS: _forTheEngineAlone, ...env } = process.env;
    const child = spawn(process.execPath, [...NODE_FLAGS, fileURLToPath(siblingModule(import.meta.url, "spawn-main"))], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      serialization: "advanced",
      detached: true,
      env,
    });
    this.#process = child;
    this.#toldEnvironment = "";
    child.on("message", (message: FromSpawner) => this.#received(message));
    child.on("error", (error) => this.#lost(child, `could not be started: ${error.message}`));
    child.on("exit", (code, signal) => this.#lost(child, signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`));
    return child;
  }

  /** Programs change their environment and folder; a command gets what holds when it starts. */
  #tellEnvironment(child: ChildProcess): void {
    const env = { ...process.env } as Readonly<Record<string, string>>;
    const text = JSON.stringify(env);
    if (text === this.#toldEnvironment) return;
    this.#toldEnvironment = text;
    send(child, { kind: "environment", env });
  }

  #received(message: FromSpawner): void {
    const events = this.#running.get(message.id);
    if (events === undefined) return;
    switch (message.kind) {
      case "spawned":
        return events.spawned(message.pid);
      case "output":
        return events.output(message.stream, Buffer.from(message.chunk.buffer, message.chunk.byteOffset, message.chunk.byteLength));
      case "ended":
        this.#forget(message.id);
        return events.ended(message.exit);
      case "refused":
        this.#forget(message.id);
        return events.refused(message.refusal);
    }
  }

  #forget(id: number): void {
    this.#running.delete(id);
    if (this.#running.size === 0 && this.#process !== undefined) hold(this.#process, false);
  }

  #lost(child: ChildProcess, how: string): void {
    if (this.#process !== child) return;
    this.#process = undefined;
    const open = [...this.#running.values()];
    this.#running.clear();
    for (const events of open) events.lost(`The process that starts commands ${how}`);
  }
}

function hold(child: ChildProcess, held: boolean): void {
  if (held) {
    child.ref();
    child.channel?.ref();
  } else {
    child.unref();
    child.channel?.unref();
  }
}

/** What cannot be sent was lost with the process, whose exit is noticed by itself. */
function send(child: ChildProcess, message: ToSpawner): void {
  child.send(message, () => undefined);
}
