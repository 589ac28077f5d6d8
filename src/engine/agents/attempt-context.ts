/**
 * The context that a handler in this thread is given: one small object, its parts made when they are read. Methods are
 * getters of bound functions, so that destructuring works and an unused one costs nothing.
 */
import { inspect } from "node:util";
import type { Outcome } from "../agent.ts";
import { MakespanError } from "../../protocol/errors.ts";
import { Parked, type ChildOptions, type TaskContext, type TaskLog, type TaskOutcome, type Wake } from "../context.ts";
import type { AttemptRun } from "./attempt-run.ts";
import { toPayloadOrThrow } from "./to-payload.ts";

export class AttemptContext implements TaskContext {
  readonly #run: AttemptRun;
  #parsed: Parsed | undefined = undefined;

  constructor(run: AttemptRun) {
    this.#run = run;
  }

  get id(): string {
    return taskName(this.#run.start.id);
  }
  get type(): string {
    return this.#run.start.type;
  }
  get name(): string | undefined {
    return this.#run.start.name;
  }
  get attempt(): number {
    return this.#run.start.attempt;
  }
  get dueAt(): Date | undefined {
    const { dueAt } = this.#run.start;
    return dueAt === undefined ? undefined : new Date(dueAt);
  }
  get signal(): AbortSignal {
    return this.#run.signal;
  }
  get log(): TaskLog {
    return (this.#parts.log ??= makeLog(this.#run));
  }
  get restored(): unknown {
    const parts = this.#parts;
    if (!("restored" in parts)) {
      const { value } = this.#run.checkpoint;
      parts.restored = value === undefined ? undefined : JSON.parse(value);
    }
    return parts.restored;
  }
  get needs(): readonly TaskOutcome[] {
    return (this.#parts.needs ??= this.#run.start.needs.map(parseOutcome));
  }
  get needsByName(): ReadonlyMap<string, TaskOutcome> {
    return (this.#parts.needsByName ??= new Map(this.needs.flatMap((need) => (need.name === undefined ? [] : [[need.name, need] as const]))));
  }
  get wake(): Wake | undefined {
    const { wake } = this.#run.start;
    if (wake === undefined) return undefined;
    return (this.#parts.wake ??=
      wake.kind === "children"
        ? { kind: "children", outcomes: wake.outcomes.map(parseOutcome) }
        : { kind: "answer", answer: JSON.parse(wake.answer) });
  }
  get progress(): TaskContext["progress"] {
    const run = this.#run;
    return (fraction, note) => {
      if (!run.ended && !Number.isNaN(fraction)) run.reporter.progress(Math.min(1, Math.max(0, fraction)), note);
    };
  }
  get checkpoint(): TaskContext["checkpoint"] {
    const run = this.#run;
    return async (value) => {
      refuseEnded(run, "checkpoint");
      const { checkpoint } = run;
      checkpoint.value = toPayloadOrThrow(value, "checkpoint", run.setup.payloadBytes);
      const text = checkpoint.toText() ?? "null";
      await run.reporter.checkpoint(text);
      checkpoint.saved = text;
    };
  }
  get submit(): TaskContext["submit"] {
    const run = this.#run;
    return async (task, input, options = {}) => {
      refuseEnded(run, "submit");
      const payload = toPayloadOrThrow(input, "input of the child", run.setup.payloadBytes);
      const key = typeof options["key"] === "string" ? options["key"] : `${taskName(run.start.id)}/${run.checkpoint.children++}`;
      const type = typeof task === "string" ? task : task.type;
      return { id: taskName(await run.reporter.submit({ type, input: payload, options: plainOptions({ ...options, key }) })) };
    };
  }
  get park(): TaskContext["park"] {
    return (request) => new Parked(request);
  }
  get cost(): TaskContext["cost"] {
    const run = this.#run;
    return (amount) => {
      if (!Number.isFinite(amount)) throw new MakespanError("invalid_input", `A cost must be a finite number, not ${amount}`);
      run.cost += amount;
    };
  }
  get used(): TaskContext["used"] {
    const run = this.#run;
    return (limit, amount) => {
      if (!(amount >= 0 && amount < Infinity)) throw new MakespanError("invalid_input", `What was used of ${limit} must be a number of at least 0, not ${amount}`);
      run.used ??= new Map();
      run.used.set(limit, (run.used.get(limit) ?? 0) + amount);
    };
  }

  get #parts(): Parsed {
    return (this.#parsed ??= {});
  }
}

interface Parsed {
  log?: TaskLog;
  restored?: unknown;
  needs?: readonly TaskOutcome[];
  needsByName?: ReadonlyMap<string, TaskOutcome>;
  wake?: Wake;
}

function taskName(id: number): string {
  return `t${id}`;
}

function refuseEnded(run: AttemptRun, call: string): void {
  if (run.ended) throw new MakespanError("stale_attempt", `${call}() was called after attempt ${run.start.attempt} of ${taskName(run.start.id)} had ended`);
}

function makeLog(run: AttemptRun): TaskLog {
  const write = (level: "debug" | "info" | "warn" | "error") => (text: string) => {
    if (!run.ended) run.reporter.log(level, typeof text === "string" ? text : inspect(text));
  };
  return Object.assign(write("info"), { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") });
}

export function parseOutcome({ id, name, state, result, error }: Outcome): TaskOutcome {
  return {
    id: taskName(id),
    name,
    state,
    result: result === undefined ? undefined : JSON.parse(result),
    error: error === undefined ? undefined : JSON.parse(error),
  };
}

/** Dates become ms, so that options are the same whether or not they pass to another process. */
function plainOptions(options: ChildOptions): ChildOptions {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [name, value instanceof Date ? value.getTime() : value]));
}
