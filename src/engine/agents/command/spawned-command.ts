/** A command as the process sees it that starts commands: from spawn to the end of its output. */
import { spawn, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { systemClock, type Timer } from "../../clock.ts";
import { killGroup } from "../process-group.ts";
import { ProgramMeter } from "../process-usage.ts";
import type { FromSpawner, SpawnRequest } from "./spawn-messages.ts";

/**
 * How long output is still read after the command itself has exited, in ms, while something that it left running keeps it open. Time in
 * which the engine takes nothing does not count: what the command wrote must arrive, however busy the engine is.
 */
const OUTPUT_GRACE_MS = 1_000;

export interface SpawnedCommandSetup {
  readonly send: (message: FromSpawner, sent?: () => void) => void;
  readonly onEnd: () => void;
}

export class SpawnedCommand {
  readonly #request: SpawnRequest & { readonly id: number };
  readonly #environment: Readonly<Record<string, string>>;
  readonly #setup: SpawnedCommandSetup;
  #child: ChildProcess | undefined = undefined;
  #meter: ProgramMeter | undefined = undefined;
  #grace: Timer | undefined = undefined;
  /** Pieces of output on their way to the engine, and how long there were any before now, in ms. */
  #underWay = 0;
  #underWaySince = 0;
  #heldUpMs = 0;

  constructor(request: SpawnRequest & { readonly id: number }, environment: Readonly<Record<string, string>>, setup: SpawnedCommandSetup) {
    this.#request = request;
    this.#environment = environment;
    this.#setup = setup;
  }

  kill(): void {
    if (this.#child?.pid !== undefined) killGroup(this.#child.pid, "SIGKILL");
  }

  begin(): void {
    const { argv, cwd, env, stdin } = this.#request;
    const [program = "", ...rest] = argv;
    let child: ChildProcess;
    try {
      child = spawn(program, rest, {
        stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
        detached: true,
        cwd,
        env: env === undefined ? this.#environment : { ...this.#environment, ...env },
      });
    } catch (error) {
      return this.#refused(error as NodeJS.ErrnoException);
    }
    child.on("error", (error) => {
      if (child.pid === undefined) this.#refused(error);
    });
    if (child.pid === undefined) return;
    this.#child = child;
    this.#setup.send({ id: this.#request.id, kind: "spawned", pid: child.pid });
    this.#meter = new ProgramMeter(child.pid, systemClock);
    this.#passOn("stdout", child.stdout);
    this.#passOn("stderr", child.stderr);
    child.on("exit", () => {
      this.#meter?.end();
      this.#endIn(OUTPUT_GRACE_MS);
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
      if (this.#underWay++ === 0) this.#underWaySince = performance.now();
      this.#setup.send({ id: this.#request.id, kind: "output", stream, chunk }, () => {
        if (--this.#underWay === 0) this.#heldUpMs += performance.now() - this.#underWaySince;
        output.resume();
      });
    });
  }

  /** Ends it when so much time has passed in which the engine took what came. */
  #endIn(ms: number): void {
    const before = this.#heldUp();
    this.#grace = systemClock.after(ms, () => {
      const heldUpMs = this.#heldUp() - before;
      if (heldUpMs >= 1) this.#endIn(heldUpMs);
      else this.#ended();
    });
  }

  #heldUp(): number {
    return this.#heldUpMs + (this.#underWay > 0 ? performance.now() - this.#underWaySince : 0);
  }

  #refused(error: NodeJS.ErrnoException): void {
    this.#setup.onEnd();
    this.#setup.send({ id: this.#request.id, kind: "refused", refusal: { code: error.code ?? "", message: error.message } });
  }

  #ended(): void {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    this.#grace?.cancel();
    child.stdout?.destroy();
    child.stderr?.destroy();
    this.#setup.onEnd();
    const { cpuMs = 0, peakMemoryBytes = 0 } = this.#meter ?? {};
    this.#setup.send({ id: this.#request.id, kind: "ended", exit: { code: child.exitCode, signal: child.signalCode, cpuMs, peakMemoryBytes } });
  }
}
