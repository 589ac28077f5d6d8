/** A command as the process sees it that starts commands: from spawn to the end of its output. */
import { spawn, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { systemClock, type Timer } from "../../clock.ts";
import { killGroup } from "../process-group.ts";
import { ProgramMeter } from "../process-usage.ts";
import type { FromSpawner, SpawnRequest } from "./spawn-messages.ts";

/** How long output is still read after the command itself has exited, in ms, while something that it left running keeps it open. */
const OUTPUT_GRACE_MS = 1_000;

export interface SpawnedCommandSetup {
  readonly send: (message: FromSpawner, sent?: () => void) => void;
  readonly onEnd: (command: SpawnedCommand) => void;
}

export class SpawnedCommand {
  readonly #id: number;
  readonly #setup: SpawnedCommandSetup;
  #child: ChildProcess | undefined = undefined;
  #meter: ProgramMeter | undefined = undefined;
  #grace: Timer | undefined = undefined;

  constructor(request: SpawnRequest & { readonly id: number }, environment: Readonly<Record<string, string>>, setup: SpawnedCommandSetup) {
    this.#id = request.id;
    this.#setup = setup;
    this.#begin(request, environment);
  }

  kill(): void {
    if (this.#child?.pid !== undefined) killGroup(this.#child.pid, "SIGKILL");
  }

  #begin({ argv, cwd, env, stdin }: SpawnRequest, environment: Readonly<Record<string, string>>): void {
    const [program = "", ...rest] = argv;
    let child: ChildProcess;
    try {
      child = spawn(program, rest, {
        stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
        detached: true,
        cwd,
        env: env === undefined ? environment : { ...environment, ...env },
      });
    } catch (error) {
      return this.#refused(error as NodeJS.ErrnoException);
    }
    child.on("error", (error) => {
      if (child.pid === undefined) this.#refused(error);
    });
    if (child.pid === undefined) return;
    this.#child = child;
    this.#setup.send({ id: this.#id, kind: "spawned", pid: child.pid });
    this.#meter = new ProgramMeter(child.pid, systemClock);
    this.#passOn("stdout", child.stdout);
    this.#passOn("stderr", child.stderr);
    child.on("exit", () => {
      this.#meter?.end();
      this.#grace = systemClock.after(OUTPUT_GRACE_MS, () => this.#ended());
    });
    child.on("close", () => this.#ended());
    if (stdin !== undefined) {
      // A command need not read all of its input.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(stdin);
    }
  }

  /** One piece at a time: what the engine has not taken yet waits in the pipe, and the command with it. */
  #passOn(stream: "stdout" | "stderr", output: Readable | null): void {
    output?.on("data", (chunk: Buffer) => {
      output.pause();
      this.#setup.send({ id: this.#id, kind: "output", stream, chunk }, () => void output.resume());
    });
  }

  #refused(error: NodeJS.ErrnoException): void {
    this.#setup.onEnd(this);
    this.#setup.send({ id: this.#id, kind: "refused", refusal: { code: error.code ?? "", message: error.message } });
  }

  #ended(): void {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    this.#grace?.cancel();
    child.stdout?.destroy();
    child.stderr?.destroy();
    this.#setup.onEnd(this);
    const { cpuMs = 0, peakMemoryBytes = 0 } = this.#meter ?? {};
    this.#setup.send({ id: this.#id, kind: "ended", exit: { code: child.exitCode, signal: child.signalCode, cpuMs, peakMemoryBytes } });
  }
}
