/**
 * One command from spawn to report. It leads a process group of its own, so that a stop reaches all that it started and Ctrl-C
 * in a terminal reaches none of it: SIGTERM first, SIGKILL after the grace time, and the attempt ends when the group is gone.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import type { StopReason } from "../../../core/attempt.ts";
import type { Failure, Usage } from "../../../core/event.ts";
import type { AttemptReporter, AttemptStart } from "../../agent.ts";
import type { Clock, Timer } from "../../clock.ts";
import { failure, isReleased, stopFailure } from "../failure.ts";
import { isGroupAlive, killAtExit, killGroup } from "../process-group.ts";
import { ProgramMeter } from "../process-usage.ts";
import { describeCommand, type CommandInput } from "./command-input.ts";
import { LogBudget, StderrTail, StdoutResult } from "./command-output.ts";

export interface CommandSetup {
  readonly clock: Clock;
  readonly shell: string;
  readonly killAfterMs: number;
  readonly payloadBytes: number;
  readonly logBytes: number;
  readonly onEnd: (run: CommandRun) => void;
}

/** How long output is still read after the command itself has exited, while something that it left running keeps it open. */
const OUTPUT_GRACE_MS = 1_000;
/** How often it is looked whether the group of a stopped command is gone, in ms. */
const GROUP_EVERY_MS = 20;
/** How long after SIGKILL that goes on, in ms: what hangs in the kernel must not hold its task for ever. */
const KILLED_GROUP_MS = 5_000;
const COMMAND_NOT_FOUND = 127;

export class CommandRun {
  readonly start: AttemptStart;
  readonly #reporter: AttemptReporter;
  readonly #setup: CommandSetup;
  readonly #input: CommandInput;
  readonly #startedAt: number;
  readonly #stdout: StdoutResult;
  readonly #stderr: StderrTail;
  #child: ChildProcess | undefined = undefined;
  #meter: ProgramMeter | undefined = undefined;
  #forget: () => void = () => undefined;
  #exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined = undefined;
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
    const { argv, shell, stdin, env, cwd } = this.#input;
    const [program, ...rest] = argv ?? [this.#setup.shell, "-c", shell];
    let child: ChildProcess;
    try {
      child = spawn(program ?? "", rest, {
        stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
        detached: true,
        ...(cwd === undefined ? {} : { cwd }),
        ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
      });
    } catch (error) {
      return this.#fail(this.#spawnFailure(error as NodeJS.ErrnoException));
    }
    this.#child = child;
    child.on("error", (error) => {
      if (child.pid === undefined) this.#fail(this.#spawnFailure(error));
    });
    if (child.pid === undefined) return;
    this.#forget = killAtExit(child.pid);
    this.#meter = new ProgramMeter(child.pid, this.#setup.clock);
    child.stdout?.on("data", (chunk: Buffer) => this.#stdout.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => this.#stderr.push(chunk));
    child.on("exit", (code, signal) => this.#exited(code, signal));
    child.on("close", () => this.#closed());
    if (stdin !== undefined) {
      // A command need not read all of its input.
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(stdin);
    }
  }

  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  stop(reason: StopReason): void {
    if (this.#stopping !== undefined || this.#ended) return;
    this.#stopping = reason;
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    killGroup(pid, "SIGTERM");
    this.#killTimer = this.#setup.clock.after(this.#setup.killAfterMs, () => this.kill());
  }

  /** Ends a run that was asked to stop, without more grace. */
  kill(): void {
    const pid = this.#child?.pid;
    if (pid === undefined || this.#ended) return;
    this.#killedAt ??= this.#setup.clock.now();
    killGroup(pid, "SIGKILL");
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    this.#exit = { code, signal };
    this.#meter?.end();
    // A command that leaves a program in the background is done all the same; while it is being stopped, its group must go first.
    this.#timer = this.#setup.clock.after(OUTPUT_GRACE_MS, () => (this.#stopping === undefined ? this.#finish() : this.#awaitGroup()));
  }

  #closed(): void {
    this.#timer?.cancel();
    if (this.#stopping === undefined) this.#finish();
    else this.#awaitGroup();
  }

  /** Ends a stopped attempt when nothing of its group is left. */
  #awaitGroup(): void {
    this.#timer?.cancel();
    const pid = this.#child?.pid;
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

  #spawnFailure(error: NodeJS.ErrnoException): Failure {
    const { cwd, argv } = this.#input;
    const program = argv?.[0] ?? this.#setup.shell;
    switch (error.code ?? "") {
      case "ENOENT":
      case "ENOTDIR":
        if (cwd !== undefined && !existsSync(cwd)) return failure("cwd_not_found", `There is no folder "${cwd}" to run ${describeCommand(this.#input)} in`, false);
        return failure("command_not_found", `There is no command "${program}"${program.includes("/") ? "" : " on the PATH"}`, false);
      case "EACCES":
        return failure("command_not_found", `"${program}" is not a program that may be run`, false);
      case "ENOEXEC":
        return failure("command_not_found", `"${program}" is not a program (a script needs a first line like #!/bin/sh)`, false);
      case "E2BIG":
        return failure("invalid_input", `The arguments of ${program} are longer than the system allows; pass them on stdin or in a file`, false);
      default:
        return failure("spawn_failed", `${describeCommand(this.#input)} could not be started: ${error.message}`, true);
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
    this.#child?.stdout?.destroy();
    this.#child?.stderr?.destroy();
    this.#setup.onEnd(this);
    report();
  }

  #usage(): Usage {
    return { startedAt: this.#startedAt, cpuMs: this.#meter?.cpuMs ?? 0, peakMemoryBytes: this.#meter?.peakMemoryBytes ?? 0, cost: 0 };
  }
}
