/**
 * One command from its start to its report. It leads a process group of its own, so that a stop reaches all that it started and
 * Ctrl-C in a terminal reaches none of it: SIGTERM first, SIGKILL after the grace time, and the attempt ends when the group is gone.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { StopReason } from "../../../core/attempt.ts";
import type { Failure, Usage } from "../../../core/event.ts";
import type { TaskId } from "../../../core/task.ts";
import type { AttemptReporter, AttemptStart } from "../../agent.ts";
import type { Clock, Timer } from "../../clock.ts";
import { failure, isReleased, stopFailure } from "../failure.ts";
import { isGroupAlive, killAtExit, killGroup } from "../process-group.ts";
import { describeCommand, type CommandInput } from "./command-input.ts";
import { LogBudget, StderrTail, StdoutResult } from "./command-output.ts";
import type { CommandExit, SpawnRefusal } from "./spawn-messages.ts";
import type { SpawnEvents, Spawner } from "./spawner.ts";

export interface CommandSetup {
  readonly clock: Clock;
  readonly spawner: Spawner;
  readonly shell: string;
  readonly killAfterMs: number;
  readonly payloadBytes: number;
  readonly logBytes: number;
  readonly onOutput: (id: TaskId, stream: "stdout" | "stderr", chunk: Uint8Array) => void;
  readonly onEnd: (run: CommandRun) => void;
}

/** How often it is looked whether the group of a stopped command is gone, in ms. */
const GROUP_EVERY_MS = 20;
/** How long after SIGKILL that goes on, in ms: what hangs in the kernel must not hold its task for ever. */
const KILLED_GROUP_MS = 5_000;
const COMMAND_NOT_FOUND = 127;

export class CommandRun implements SpawnEvents {
  readonly start: AttemptStart;
  readonly #reporter: AttemptReporter;
  readonly #setup: CommandSetup;
  readonly #input: CommandInput;
  readonly #startedAt: number;
  readonly #stdout: StdoutResult;
  readonly #stderr: StderrTail;
  /** Of its group, from its start to the end of the attempt. */
  #pid: number | undefined = undefined;
  #forget: () => void = () => undefined;
  #exit: CommandExit | undefined = undefined;
  /** Why it is not known how it ended. */
  #lost: string | undefined = undefined;
  #stopping: StopReason | undefined = undefined;
  #killedAt: number | undefined = undefined;
  #timer: Timer | undefined = undefined;
  #killTimer: Timer | undefined = undefined;
  #ended = false;

  constructor(start: AttemptStart, reporter: AttemptReporter, input: CommandInput, setup: CommandSetup) {
    this.start = start;
    this.#reporter = reporter;
    this.#input = input;
    this.#setup = setup;
    this.#startedAt = setup.clock.now();
    const log = new LogBudget(reporter, setup.logBytes);
    this.#stdout = new StdoutResult(input.result ?? "last-line", setup.payloadBytes, log);
    this.#stderr = new StderrTail(log);
  }

  begin(): void {
    const { argv, shell, stdin, env } = this.#input;
    this.#setup.spawner.run({ argv: argv ?? [this.#setup.shell, "-c", shell], cwd: this.#folder(), env, stdin }, this);
  }

  spawned(pid: number): void {
    this.#pid = pid;
    this.#forget = killAtExit(pid);
    if (this.#killedAt !== undefined) this.kill();
    else if (this.#stopping !== undefined) this.#signal();
  }

  output(stream: "stdout" | "stderr", chunk: Buffer): void {
    if (this.#ended) return;
    this.#setup.onOutput(this.start.id, stream, chunk);
    if (stream === "stdout") this.#stdout.push(chunk);
    else this.#stderr.push(chunk);
  }

  /** A command that leaves a program in the background is done all the same; while it is being stopped, its group must go first. */
  ended(exit: CommandExit): void {
    this.#exit = exit;
    if (this.#stopping === undefined) this.#finish();
    else this.#awaitGroup();
  }

  refused(refusal: SpawnRefusal): void {
    this.#fail(this.#spawnFailure(refusal));
  }

  lost(how: string): void {
    this.#lost = how;
    this.kill();
    this.#awaitGroup();
  }

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  stop(reason: StopReason): void {
    if (this.#stopping !== undefined || this.#ended) return;
    this.#stopping = reason;
    if (this.#pid !== undefined) this.#signal();
  }

  /** Ends a run that was asked to stop, without more grace. */
  kill(): void {
    if (this.#ended) return;
    this.#killedAt ??= this.#setup.clock.now();
    if (this.#pid !== undefined) killGroup(this.#pid, "SIGKILL");
  }

  #signal(): void {
    if (this.#pid === undefined) return;
    killGroup(this.#pid, "SIGTERM");
    this.#killTimer = this.#setup.clock.after(this.#setup.killAfterMs, () => this.kill());
  }

  /** Ends a stopped attempt when nothing of its group is left. */
  #awaitGroup(): void {
    const pid = this.#pid;
    const isGivenUp = this.#killedAt !== undefined && this.#setup.clock.now() - this.#killedAt >= KILLED_GROUP_MS;
    if (pid === undefined || isGivenUp || !isGroupAlive(pid)) return this.#finish();
    this.#timer = this.#setup.clock.after(GROUP_EVERY_MS, () => this.#awaitGroup());
  }

  #finish(): void {
    if (this.#ended) return;
    this.#stdout.end();
    this.#stderr.end();
    const reason = this.#stopping;
    if (reason !== undefined) {
      if (!isReleased(reason)) return this.#fail(stopFailure(reason));
      return this.#end(() => this.#reporter.release(undefined, this.#usage()));
    }
    if (this.#lost !== undefined) return this.#fail(failure("agent_crashed", `${this.#lost} while it ran ${describeCommand(this.#input)}`, true));
    const { code, signal } = this.#exit ?? { code: null, signal: null };
    if (code === null || !(this.#input.okExitCodes ?? [0]).includes(code)) return this.#fail(this.#exitFailure(code, signal));
    const payload = this.#stdout.payload();
    if (payload === undefined) return this.#fail(failure("result_not_json", `The stdout of ${describeCommand(this.#input)} is not JSON, and neither is its last line`, true));
    if (payload.kind === "refused") return this.#fail(failure(payload.code, payload.message, false));
    this.#end(() => this.#reporter.succeed(payload.text, this.#usage()));
  }

  #exitFailure(code: number | null, signal: NodeJS.Signals | null): Failure {
    const command = describeCommand(this.#input);
    const { last } = this.#stderr;
    const lastLine = last.at(-1);
    const detail = { exit_code: code, signal, stderr: last };
    if (code === COMMAND_NOT_FOUND && this.#input.shell !== undefined && lastLine?.endsWith("not found") === true) {
      return failure("command_not_found", `The shell did not find a command of ${command}: ${lastLine}`, false, detail);
    }
    const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}${signal === "SIGKILL" ? " (perhaps for want of memory)" : ""}`;
    return failure("exit_code", `${command} ${how}${lastLine === undefined ? "" : `: ${lastLine}`}`, true, detail);
  }

  #folder(): string {
    return resolve(this.#input.cwd ?? "");
  }

  #spawnFailure({ code, message }: SpawnRefusal): Failure {
    const { cwd = this.#folder(), argv } = this.#input;
    const program = argv?.[0] ?? this.#setup.shell;
    switch (code) {
      case "ENOENT":
      case "ENOTDIR":
        if (!existsSync(cwd)) return failure("cwd_not_found", `There is no folder "${cwd}" to run ${describeCommand(this.#input)} in`, false);
        return failure("command_not_found", `There is no command "${program}"${program.includes("/") ? "" : " on the PATH"}`, false);
      case "EACCES":
        return failure("command_not_found", `"${program}" is not a program that may be run`, false);
      case "ENOEXEC":
        return failure("command_not_found", `"${program}" is not a program (a script needs a first line like #!/bin/sh)`, false);
      case "E2BIG":
        return failure("invalid_input", `The arguments of ${program} are longer than the system allows; pass them on stdin or in a file`, false);
      default:
        return failure("spawn_failed", `${describeCommand(this.#input)} could not be started: ${message}`, true);
    }
  }

  #fail(why: Failure): void {
    this.#end(() => this.#reporter.fail(why, this.#usage()));
  }

  #end(report: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.cancel();
    this.#killTimer?.cancel();
    this.#forget();
    this.#setup.onEnd(this);
    report();
  }

  #usage(): Usage {
    return { startedAt: this.#startedAt, cpuMs: this.#exit?.cpuMs ?? 0, peakMemoryBytes: this.#exit?.peakMemoryBytes ?? 0, cost: 0 };
  }
}
