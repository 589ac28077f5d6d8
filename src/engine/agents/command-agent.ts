/**
 * The agent that runs programs, one process group for each attempt, on Linux and macOS. A small process of its own forks them
 * (docs/decisions/013-commands-are-forked-elsewhere.md).
 */
import type { AgentSpec } from "../../core/agent.ts";
import type { StopReason } from "../../core/attempt.ts";
import type { TaskId } from "../../core/task.ts";
import type { AgentDriver, AttemptReporter, AttemptStart } from "../agent.ts";
import { systemClock } from "../clock.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { parseCommandInput } from "./command/command-input.ts";
import { CommandRun, type CommandSetup } from "./command/command-run.ts";
import { Spawner } from "./command/spawner.ts";
import { failure } from "./failure.ts";
import { agentSpec, type AgentOptions } from "./options.ts";

export interface CommandAgentOptions extends AgentOptions {
  /** Commands at once. */
  readonly slots: number;
  /** Task types whose input is a command; default `command`. */
  readonly types?: readonly string[];
  /** Program that is given `-c` and the text of shell commands; default /bin/sh. */
  readonly shell?: string;
  /** A command that has not ended this long (ms) after SIGTERM gets SIGKILL; default 5000. */
  readonly killAfterMs?: number;
  /** How much of the output of a command goes to its log, in bytes; default 256 KiB. */
  readonly logBytes?: number;
  /** Called with all that a command writes, as it comes, whatever goes to its log. The chunk is only valid during the call. */
  readonly onOutput?: (id: TaskId, stream: "stdout" | "stderr", chunk: Uint8Array) => void;
}

const DEFAULT_KILL_AFTER_MS = 5_000;

/** The input of its tasks is a `CommandInput`. Throws `invalid_option`. */
export function createCommandAgent(options: CommandAgentOptions): AgentDriver {
  return new CommandAgent(options);
}

class CommandAgent implements AgentDriver {
  readonly spec: AgentSpec;
  readonly #runs = new Set<CommandRun>();
  readonly #setup: CommandSetup;
  #onEmpty: (() => void) | undefined = undefined;

  constructor(options: CommandAgentOptions) {
    this.spec = agentSpec("command", options, options.types ?? ["command"], options.slots);
    this.#setup = {
      clock: options.clock ?? systemClock,
      spawner: new Spawner(),
      shell: options.shell ?? "/bin/sh",
      killAfterMs: options.killAfterMs ?? DEFAULT_KILL_AFTER_MS,
      payloadBytes: options.payloadBytes ?? DEFAULT_LIMITS.payloadBytes,
      logBytes: options.logBytes ?? DEFAULT_LIMITS.logBytesPerAttempt,
      onOutput: options.onOutput ?? (() => undefined),
      onEnd: (run) => {
        this.#runs.delete(run);
        if (this.#runs.size === 0) this.#onEmpty?.();
      },
    };
  }

  start(start: AttemptStart, reporter: AttemptReporter): void {
    const input = parseCommandInput(JSON.parse(start.input));
    if (typeof input === "string") {
      const usage = { startedAt: this.#setup.clock.now(), cpuMs: 0, peakMemoryBytes: 0, cost: 0 };
      reporter.fail(failure("invalid_input", input, false), usage);
      return;
    }
    const run = new CommandRun(start, reporter, input, this.#setup);
    this.#runs.add(run);
    run.begin();
  }

  stop(id: TaskId, attempt: number, reason: StopReason): void {
    for (const run of this.#runs) {
      if (run.start.id !== id || run.start.attempt !== attempt) continue;
      if (run.isStopping && reason === "shutdown") run.kill();
      else run.stop(reason);
    }
  }

  async close(): Promise<void> {
    for (const run of this.#runs) run.stop("shutdown");
    if (this.#runs.size > 0) await new Promise<void>((resolve) => (this.#onEmpty = resolve));
    this.#setup.spawner.close();
  }
}
