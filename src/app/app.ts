/**
 * An open app: what `open` gives. Its methods check what comes in, and pass it on; what each part does is in its own file.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { DistanceTable } from "../core/balance/distances.ts";
import type { TaskId } from "../core/task.ts";
import type { AgentDriver } from "../engine/agent.ts";
import { checkTraits } from "../engine/agents/options.ts";
import { toPayloadOrThrow } from "../engine/agents/to-payload.ts";
import type { Clock } from "../engine/clock.ts";
import type { CloseMode, Engine, Observer } from "../engine/types.ts";
import type { Watchdog } from "../engine/watchdog.ts";
import { estimateReport, type EstimateReport } from "../monitor/estimate-report.ts";
import { MakespanError } from "../protocol/errors.ts";
import { formatTaskId, parseFlowId } from "../protocol/ids.ts";
import type { LimitOptions } from "../protocol/limit-rule.ts";
import type { Store } from "../store/store.ts";
import { agentStats, liveCounts, queueStats, type AppStats } from "./app-stats.ts";
import { ChangeFeed } from "./change-feed.ts";
import { checkBoolean, checkInteger, checkKeys, checkNumber, checkObject, checkOneOf, checkPositive, checkText } from "./check.ts";
import { checkedAgent } from "./checked-agent.ts";
import type { TaskDefinition } from "./define-task.ts";
import { checkDistances } from "./distances.ts";
import type { AddTask, SubmitArguments } from "./flow-builder.ts";
import { FlowHandle, type NamedTasks } from "./flow-handle.ts";
import type { LiveMeasures } from "./live-measures.ts";
import { limitStats, ruleOf } from "./limits.ts";
import { LoopDelay } from "./loop-delay.ts";
import { Results } from "./results.ts";
import { taskIdOf, type SubmitOptions, type TaskRef } from "./submit-options.ts";
import { Submitter, type FlowOptions } from "./submitter.ts";
import { parseFilter, selectionOf, type FlowRef, type TaskFilter } from "./task-filter.ts";
import { TaskHandle } from "./task-handle.ts";
import type { AttemptInfo, LogLine, TaskInfo } from "./task-info.ts";
import { TaskQueries, type ListOptions, type LogOptions, type TaskPage } from "./task-queries.ts";
import { whyOf } from "./why/of-app.ts";
import type { TaskWhy } from "./why/task-why.ts";
import type { TypesKnown } from "./types-known.ts";

export interface WatchOptions extends TaskFilter {
  /** Only this task. */
  readonly id?: TaskRef;
  /** What running attempts say of their progress, too. Default false. */
  readonly progress?: boolean;
  /** Their log lines, too. Default false. */
  readonly logs?: boolean;
  /** Changes kept for a consumer that is behind; what comes beyond them is told as a `gap`. Default 1,000. */
  readonly bufferSize?: number;
}

export interface CloseOptions {
  /**
   * `drain` (default): waits for running attempts, starts no more. `leave`: asks them to save a checkpoint and hand their
   * tasks back. `now`: stops them. In each case what is not finished goes on after the next `open` of the same file.
   */
  readonly mode?: CloseMode;
  /** After so many ms, what still runs is stopped as with `now`. Default: no limit for `drain`, 10,000 for `leave`. */
  readonly timeoutMs?: number;
}

/** What an app is made of; `open` puts it together. */
export interface AppParts {
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: Clock;
  readonly types: TypesKnown;
  readonly measures: LiveMeasures;
  readonly watchdog: Watchdog | undefined;
}

const WATCH_KEYS = ["id", "progress", "logs", "bufferSize"];
const CLOSE_KEYS: ReadonlySet<string> = new Set(["mode", "timeoutMs"]);
const MODES = ["drain", "leave", "now"] as const;
const LEAVE_TIMEOUT_MS = 10_000;
/** States from which a task can be run again. */
const NOT_SUCCEEDED = ["failed", "cancelled", "expired", "shed", "skipped"] as const;

export class App implements AsyncDisposable {
  readonly #parts: AppParts;
  readonly #results: Results;
  readonly #submitter: Submitter;
  readonly #queries: TaskQueries;
  readonly #feeds = new Set<ChangeFeed>();
  readonly #outputs: ReadonlyMap<string, StandardSchemaV1>;
  readonly #loopDelay = new LoopDelay();
  readonly #since: Date;
  #closing: Promise<void> | undefined;

  constructor(parts: AppParts) {
    this.#parts = parts;
    const { engine, store, types, clock } = parts;
    this.#since = new Date(clock.now());
    this.#results = new Results(engine, store);
    this.#submitter = new Submitter({ engine, store, clock, types, results: this.#results });
    this.#queries = new TaskQueries(store);
    this.#outputs = new Map(types.all().flatMap(({ type, definition }) => (definition?.output === undefined ? [] : [[type, definition.output] as const])));
    engine.observe(this.#observer());
  }

  /**
   * Resolves when the task is durable. Rejects with `invalid_input`, `not_serializable`, `payload_too_large`, `type_unknown`,
   * `invalid_option`, `dependency_unknown` or `too_many_waiting`, and then nothing was submitted.
   */
  submit<Input, Result>(task: TaskDefinition<Input, Result>, ...rest: SubmitArguments<Input, SubmitOptions>): Promise<TaskHandle<Result>>;
  submit(type: string, input?: unknown, options?: SubmitOptions): Promise<TaskHandle>;
  submit(task: TaskDefinition | string, input?: unknown, options?: SubmitOptions): Promise<TaskHandle> {
    return this.#submitter.one(task, input, options);
  }

  /** One task for each input, with the same options or those that the function gives. Resolves when all are durable. */
  submitMany<Input, Result>(
    task: TaskDefinition<Input, Result>,
    inputs: readonly NoInfer<Input>[],
    options?: SubmitOptions | ((input: Input, index: number) => SubmitOptions),
  ): Promise<TaskHandle<Result>[]>;
  submitMany(type: string, inputs: readonly unknown[], options?: SubmitOptions | ((input: unknown, index: number) => SubmitOptions)): Promise<TaskHandle[]>;
  submitMany(task: TaskDefinition | string, inputs: readonly unknown[], options?: SubmitOptions | ((input: never, index: number) => SubmitOptions)): Promise<TaskHandle[]> {
    return this.#submitter.many(task, inputs, options);
  }

  /**
   * Submits tasks that need each other, all or none. The function adds them; what it returns names them (and types
   * `flow.tasks` and `flow.result()`). Rejects like `submit`, and with `flow_cycle` and `duplicate_id`.
   */
  submitFlow<Named extends NamedTasks | void>(name: string, build: (add: AddTask) => Named, options?: FlowOptions): Promise<FlowHandle<Named>> {
    return this.#submitter.flow(name, build, options);
  }

  /** The handle of a task that was submitted before, perhaps by an earlier process. */
  task<Result>(definition: TaskDefinition<unknown, Result>, ref: TaskRef): TaskHandle<Result> {
    return new TaskHandle<Result>(this.#results, taskIdOf(ref), definition.type, true);
  }

  /** The handle of a flow that was submitted before. Rejects with `flow_not_found`. */
  async flow(ref: FlowRef): Promise<FlowHandle> {
    const id = typeof ref === "string" ? ref : ref.id;
    const { flow, tasks } = await this.#queries.flow(parseFlowId(id), id);
    const named = tasks.map((row) => [row.name ?? formatTaskId(row.id), row] as const);
    const handles = named.map(([name, row]) => [name, new TaskHandle(this.#results, row.id, row.spec.type, true)] as const);
    return new FlowHandle(this.#results, flow.id, flow.name, new Map(named.map(([name, row]) => [name, row.id])), Object.fromEntries(handles));
  }

  /** Everything about a task; undefined when there is none (any more). */
  get(ref: TaskRef): Promise<TaskInfo | undefined> {
    return this.#queries.get(ref);
  }

  /**
   * Why a task is where it is: what must happen first, how many rank before it, when it should start and end. It changes nothing.
   * Rejects with `task_not_found`.
   */
  why(ref: TaskRef): Promise<TaskWhy> {
    const { engine, clock } = this.#parts;
    return whyOf(engine, this.#parts.store, taskIdOf(ref), clock.now());
  }

  /** A page of tasks. Pages go on exactly where the one before ended, whatever is submitted meanwhile. */
  list(options?: ListOptions): Promise<TaskPage> {
    return this.#queries.list(options);
  }

  /** Log lines of all attempts, oldest first. */
  logs(ref: TaskRef, options?: LogOptions): Promise<readonly LogLine[]> {
    return this.#queries.logs(ref, options);
  }

  /** The attempts that did not make the task succeed. */
  attempts(ref: TaskRef): Promise<readonly AttemptInfo[]> {
    return this.#queries.attempts(ref);
  }

  /**
   * Changes as they become durable, from this call on. Ends with the app, or when the loop is left. A store that fails ends it
   * with the error.
   */
  watch(options: WatchOptions = {}): ChangeFeed {
    const filter = parseFilter(options, WATCH_KEYS);
    const { id, progress, logs, bufferSize } = options;
    const feed = new ChangeFeed({
      filter,
      id: id === undefined ? undefined : taskIdOf(id),
      progress: progress !== undefined && checkBoolean("progress", progress),
      logs: logs !== undefined && checkBoolean("logs", logs),
      bufferSize: bufferSize === undefined ? 1_000 : checkInteger("bufferSize", bufferSize, 1),
      onEnd: (ended) => this.#feeds.delete(ended),
      taskOf: (task) => this.#parts.engine.liveTask(task),
    });
    if (this.#closing === undefined) this.#feeds.add(feed);
    else feed.end();
    return feed;
  }

  /** The KPIs since the app was opened, and how things stand. */
  async stats(): Promise<AppStats> {
    const { engine, store, measures } = this.#parts;
    return {
      since: this.#since,
      kpis: measures.summary(),
      live: liveCounts(engine),
      queues: queueStats(engine),
      balancer: engine.balancer,
      agents: agentStats(engine),
      limits: limitStats(engine),
      eventLoopDelayMs: this.#loopDelay.read(),
      store: await store.info(),
    };
  }

  /** What was learned of how long each type of task takes, how good that is, and what would make it better. */
  estimates(): EstimateReport {
    const { types, ignored } = this.#parts.engine.estimates();
    return estimateReport(types, ignored);
  }

  /** Tasks that are not final, by state: the part of `stats()` that costs nothing. */
  counts(): AppStats["live"] {
    return liveCounts(this.#parts.engine);
  }

  /** Cancels one task, or all live ones that a filter means (`{}` means all); resolves with how many. `reason` is kept with them. */
  cancel(what: TaskRef | TaskFilter, reason = "cancelled"): Promise<number> {
    const { engine } = this.#parts;
    checkText("reason", reason);
    if (typeof what === "string" || "id" in what) return engine.cancel({ ids: [taskIdOf(what)] }, reason);
    return engine.cancel(selectionOf(parseFilter(what)), reason);
  }

  /**
   * Runs tasks that ended badly again, with what was skipped because of them; resolves with how many. A filter means failed
   * tasks unless it says which `state`. Rejects with `nothing_to_redrive` when named tasks cannot be run again.
   */
  async retry(what: TaskRef | readonly TaskRef[] | TaskFilter): Promise<number> {
    if (Array.isArray(what)) return this.#retryNamed((what as readonly TaskRef[]).map(taskIdOf));
    if (typeof what === "string" || "id" in what) return this.#retryNamed([taskIdOf(what)]);
    const filter = what as TaskFilter;
    if (filter.state !== undefined) [filter.state].flat().forEach((state) => checkOneOf("state", state, NOT_SUCCEEDED));
    const ids = await this.#queries.ids(filter, "failed");
    return ids.length === 0 ? 0 : this.#parts.engine.redrive(ids);
  }

  /** Answers a task that parked for an answer; its handler finds it in `context.wake`. Rejects with `task_not_parked`. */
  async answer(ref: TaskRef, answer: unknown): Promise<void> {
    await this.#parts.engine.answer(taskIdOf(ref), toPayloadOrThrow(answer, "answer", Infinity));
  }

  /** Starts nothing more of a queue, or of all; what runs goes on. Kept until `resume`, also over a restart. */
  async pause(queue?: string): Promise<void> {
    await this.#parts.engine.pause(queue === undefined ? undefined : checkText("queue", queue));
  }

  async resume(queue?: string): Promise<void> {
    await this.#parts.engine.resume(queue === undefined ? undefined : checkText("queue", queue));
  }

  /** Chooses the policy that orders a queue, as in `critical-path` or `sjf:aging=off`; default `priority`. Kept over a restart. Rejects with `policy_unknown`. */
  async setPolicy(queue: string, policy: string): Promise<void> {
    await this.#parts.engine.setPolicy(checkText("queue", queue), checkText("policy", policy));
  }

  /**
   * Chooses how agents are picked: `round-robin` (default), `least-connections`, `weighted`, `nearest`, `power-of-two`,
   * `earliest-finish` or `cheapest`, with options as in `power-of-two:d=3` (docs/balancing.md). Kept over a restart.
   * Rejects with `balancer_unknown`.
   */
  async setBalancer(balancer: string): Promise<void> {
    await this.#parts.engine.setBalancer(checkText("balancer", balancer));
  }

  /**
   * How far regions are from each other, for the balancer `nearest`: `{ eu: { us: 90 } }`, in ms of a round trip or any other
   * unit. A direction that is not given is as long as the other one. Replaces the earlier table; kept over a restart.
   */
  async setDistances(distances: DistanceTable): Promise<void> {
    await this.#parts.engine.setDistances(checkDistances(distances));
  }

  /**
   * Declares a limit that tasks use by name, or changes its rule; null lifts it, so that it holds nobody up any more. Kept over a
   * restart, with what was used. Rejects with `limit_invalid`.
   */
  async setLimit(name: string, rule: LimitOptions | null): Promise<void> {
    await this.#parts.engine.setLimit(checkText("name", name), rule === null ? null : ruleOf(name, rule));
  }

  /**
   * Shares a queue between tenants: each gets service time in proportion to its weight (more than 0; 1 for tenants that are not named)
   * as long as it has work, and inside a tenant the queue's policy decides. `null` makes it one line again. Kept over a restart.
   */
  async setFairShare(queue: string, weights: Readonly<Record<string, number>> | null): Promise<void> {
    checkText("queue", queue);
    if (weights !== null) {
      checkObject("The weights of tenants", weights);
      for (const [tenant, weight] of Object.entries(weights)) checkPositive(`The weight of the tenant "${tenant}"`, weight);
    }
    await this.#parts.engine.setFairShare(queue, weights === null ? null : { ...weights });
  }

  /** At most `limit` tasks of a type at once; null lifts it. Until the app is closed. */
  async setConcurrency(task: TaskDefinition | string, limit: number | null): Promise<void> {
    const { type } = this.#parts.types.get(task);
    await this.#parts.engine.setTypeLimit(type, limit === null ? null : checkInteger("limit", limit, 1));
  }

  /** Adds an agent; its types can be submitted from now on. */
  async addAgent(driver: AgentDriver): Promise<void> {
    const { engine, measures, types } = this.#parts;
    if (engine.agents().some((agent) => agent.spec.name === driver.spec.name)) {
      throw new MakespanError("invalid_option", `There is an agent called "${driver.spec.name}" already; names are unique in an app.`);
    }
    checkTraits(driver.spec);
    types.addTypes(driver.spec.types);
    measures.agentJoined(await engine.addAgent(checkedAgent(driver, this.#outputs)), driver.spec);
  }

  /** Takes an agent away when its attempts have ended, or at once with `drain: false` (they run elsewhere). Rejects with `agent_unknown`. */
  async removeAgent(name: string, { drain = true }: { readonly drain?: boolean } = {}): Promise<void> {
    const agent = this.#parts.engine.agents().find(({ spec }) => spec.name === name);
    if (agent === undefined) throw new MakespanError("agent_unknown", `There is no agent called "${name}".`);
    await this.#parts.engine.removeAgent(agent.id, drain);
  }

  /** Resolves when nothing is queued or running. */
  idle(): Promise<void> {
    return this.#parts.engine.idle();
  }

  /** Resolves when everything accepted is durable and the file is free. May be called again, with a harder mode. */
  close(options: CloseOptions = {}): Promise<void> {
    checkKeys("close", options, CLOSE_KEYS);
    const mode = options.mode === undefined ? "drain" : checkOneOf("mode", options.mode, MODES);
    const timeoutMs = options.timeoutMs === undefined ? (mode === "leave" ? LEAVE_TIMEOUT_MS : undefined) : checkNumber("timeoutMs", options.timeoutMs, 0);
    const { engine, clock } = this.#parts;
    const closed = engine.close(mode);
    // It keeps the process alive: a handler that hangs may be all that is left, and the end would come before the file is closed.
    const timer = timeoutMs === undefined || mode === "now" ? undefined : clock.after(timeoutMs, () => void engine.close("now").catch(() => {}));
    const ended = closed.finally(() => timer?.cancel());
    this.#closing ??= this.#finish(ended);
    // Each caller gets the one end; a failure is told through it.
    ended.catch(() => {});
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #retryNamed(ids: readonly TaskId[]): Promise<number> {
    const count = await this.#parts.engine.redrive(ids);
    if (count > 0) return count;
    throw new MakespanError("nothing_to_redrive", `None of ${ids.map(formatTaskId).join(", ") || "no tasks"} can be run again: only tasks that ended without success can.`);
  }

  async #finish(closed: Promise<void>): Promise<void> {
    try {
      await closed;
    } finally {
      for (const feed of this.#feeds) feed.end();
      this.#results.end(new MakespanError("engine_closed", "The app was closed before the task ended. It goes on after the next open()."));
      this.#loopDelay.stop();
      await this.#parts.watchdog?.close();
    }
  }

  #observer(): Observer {
    const { measures } = this.#parts;
    return {
      facts: (facts, at) => {
        for (const fact of facts) {
          if (fact.ended.length === 0 && fact.result === undefined && fact.reason === undefined) continue;
          measures.note(fact, at);
          this.#results.note(fact);
        }
        for (const feed of this.#feeds) feed.facts(facts, at);
      },
      risks: (notices, at) => {
        measures.risks(notices);
        for (const feed of this.#feeds) feed.risks(notices, at);
      },
      note: (note) => {
        for (const feed of this.#feeds) feed.note(note);
      },
    };
  }

  /** For `open`: the engine stopped because its store failed. */
  fail(error: MakespanError): void {
    for (const feed of this.#feeds) feed.end(error);
    this.#results.end(error);
  }
}
