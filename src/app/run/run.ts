/**
 * Runs a flow or a list of tasks to its end, on a store file. Running the same again goes on where it was: what succeeded is
 * recognised by its content and not repeated, what was under way is joined, what failed is tried again, and what is no longer
 * asked for is cancelled before anything starts. A flow is submitted as a whole; a list is streamed through a bounded window.
 */
import { availableParallelism } from "node:os";
import type { Agent } from "../../core/agent.ts";
import type { DistanceTable } from "../../core/balance/distances.ts";
import type { LateTask } from "../../core/foresight/admission.ts";
import type { RiskNotice } from "../../core/foresight/risk.ts";
import type { LimitRule } from "../../core/limits/rule.ts";
import type { Task, TaskId } from "../../core/task.ts";
import { systemClock } from "../../engine/clock.ts";
import { createEngine } from "../../engine/engine.ts";
import { createFunctionAgent } from "../../engine/agents/function-agent.ts";
import type { CloseMode, Engine, Fact, SubmitReply } from "../../engine/types.ts";
import { createWatchdog, type Watchdog } from "../../engine/watchdog.ts";
import type { RunSummary } from "../../monitor/summary.ts";
import { isMakespanError } from "../../protocol/errors.ts";
import type { AgentPlan, PlannedTask, TaskDraft } from "../../protocol/task-plan.ts";
import { createSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import { callPlaces, makeAgent } from "./agents.ts";
import { expand, type ExpandInput } from "./expander.ts";
import { EXPAND_TYPE } from "./groups.ts";
import { childResolver } from "./children.ts";
import { queueOf, Submission } from "./submission.ts";
import { RunWatch, type SettledFact } from "./watch.ts";

export type { LateTask } from "../../core/foresight/admission.ts";
export type { LimitRule } from "../../core/limits/rule.ts";

export interface RunPlan {
  readonly name: string;
  /** What relative paths of the tasks are relative to. */
  readonly folder: string;
  readonly agents: readonly AgentPlan[];
  /** How one of several agents is picked; default what was chosen for the file before, else `round-robin`. */
  readonly balancer?: string;
  /** Limits that tasks use, by name. */
  readonly limits?: Readonly<Record<string, LimitRule>>;
  /** How far regions are from each other. */
  readonly distances?: DistanceTable;
  /** What orders the queue of the run; default what the queue has: what was chosen for it before, else `priority`. */
  readonly policy?: string;
  /** Orders the queue in this run alone, before what is chosen for good. */
  readonly lentPolicy?: string | undefined;
  /** A flow, submitted whole; or a stream of tasks that need nothing, in parts as they come. */
  readonly tasks: readonly PlannedTask[] | AsyncIterable<readonly PlannedTask[]>;
  /** What a task is called in lists and timelines; default its id. */
  readonly label?: (draft: TaskDraft) => string;
}

/** What becomes of the run after a task has settled: go on, start nothing more, or stop what runs too. */
export type HaltDecision = "go" | "soon" | "now";

export interface RunOptions {
  /** Store file. */
  readonly path: string;
  /** Slots of agents whose plan does not say. */
  readonly jobs?: number | undefined;
  /** Runs everything, also what an earlier run has done. */
  readonly fresh?: boolean;
  /** Runs only what failed in an earlier run, and what was skipped because of it. */
  readonly retryFailed?: boolean;
  /** Instead of the plan's. */
  readonly balancer?: string | undefined;
  readonly policy?: string | undefined;
  /** Faster: a power cut may lose what the last moments accepted. Default `full`. */
  readonly durability?: "full" | "normal";
  /** Called for each task that was asked for and is not done already; `number` is its place in what was asked for, from 1. */
  readonly onSubmitted?: (task: PlannedTask, id: TaskId, number: number) => void;
  /** Called with all that commands write, as it comes and before they settle. The chunk is only valid during the call. */
  readonly onOutput?: (id: TaskId, stream: "stdout" | "stderr", chunk: Uint8Array) => void;
  /** Called for each task that settles; decides whether the run goes on. */
  readonly onSettled?: (fact: SettledFact) => HaltDecision;
  /** Called for each task that is at risk of being late, is late, or recovered. */
  readonly onRisk?: (notice: RiskNotice, label: string) => void;
  /** Called for each task that could not make its due date and was accepted as best effort. */
  readonly onDowngraded?: (task: PlannedTask, late: LateTask) => void;
}

export type RunEnding = "done" | "halted" | "interrupted";

export interface RunResult {
  readonly ending: RunEnding;
  readonly summary: RunSummary;
  /** Tasks that wait in the file for the next start. */
  readonly left: number;
  /** Tasks of an earlier start that are not asked for any more, and were cancelled. */
  readonly dropped: number;
}

const PAYLOAD_BYTES = 16 * 1024 * 1024;
/** Tasks of a stream that are in the engine at once. */
const WINDOW = 10_000;
const BATCH = 500;
const LISTED_AT_ONCE = 1_000;
const STAY_MS = 60 * 60 * 1000;

export class Run {
  readonly startedAt: number;
  readonly watch: RunWatch;
  readonly agents: readonly Agent[];
  /** Resolves when everything has settled, or the run was stopped; rejects when the store or the input failed. */
  readonly finished: Promise<RunResult>;
  /** Tasks asked for so far, with those that tasks have added (as the members of a group), and whether more may be asked for. */
  total = 0;
  isTotalFinal = false;
  resumed = 0;
  stopping: CloseMode | undefined;
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #plan: RunPlan;
  readonly #options: RunOptions;
  readonly #submission: Submission;
  #ending: RunEnding = "done";
  #dropped = 0;
  /** Planned tasks submitted so far. */
  #asked = 0;
  #open = 0;
  #room: (() => void) | undefined;
  #stopReading: (() => void) | undefined;

  /** Opens the store and its agents; rejects with `policy_unknown` or `balancer_unknown` before anything is submitted. Nothing runs before `finished` is awaited or not, but soon. */
  static async start(plan: RunPlan, options: RunOptions): Promise<Run> {
    const startedAt = systemClock.now();
    const submission = new Submission(plan.name, plan.folder, startedAt, { ...(plan.label !== undefined && { label: plan.label }), rerun: options.fresh === true ? "always" : true });
    const store = createSqliteStore({ path: options.path, synchronous: options.durability ?? "full" });
    const known = Array.isArray(plan.tasks) ? (plan.tasks as readonly PlannedTask[]) : [];
    const engine = await createEngine({
      store,
      clock: systemClock,
      paused: true,
      // What a run has done must be known for as long as its file is there: nothing is deleted.
      limits: { payloadBytes: PAYLOAD_BYTES, requestEveryMs: 200, retainEveryMs: Infinity },
      resolveChild: childResolver(submission, known, () => systemClock.now()),
    });
    const watchdog = createWatchdog();
    try {
      const balancer = options.balancer ?? plan.balancer;
      if (balancer !== undefined) await engine.setBalancer(balancer);
      if (plan.distances !== undefined) await engine.setDistances(plan.distances);
      for (const [name, rule] of Object.entries(plan.limits ?? {})) await engine.setLimit(name, rule);
      const policy = options.policy ?? plan.policy;
      if (policy !== undefined) await engine.setPolicy(queueOf(plan.name), policy);
      if (plan.lentPolicy !== undefined) await engine.lendPolicy(queueOf(plan.name), plan.lentPolicy);
      await addAgents(engine, store, plan, known, options, watchdog);
    } catch (error) {
      await engine.close("now");
      await watchdog.close();
      throw error;
    }
    return new Run({ plan, options, submission, engine, store, startedAt, watchdog });
  }

  private constructor(parts: {
    readonly plan: RunPlan;
    readonly options: RunOptions;
    readonly submission: Submission;
    readonly engine: Engine;
    readonly store: Store;
    readonly startedAt: number;
    readonly watchdog: Watchdog;
  }) {
    this.#plan = parts.plan;
    this.#options = parts.options;
    this.#submission = parts.submission;
    this.#engine = parts.engine;
    this.#store = parts.store;
    this.startedAt = parts.startedAt;
    // The one that expands groups only waits and submits: as slots it would make every run look idle.
    this.agents = parts.engine.agents().filter((agent) => agent.spec.name !== EXPAND_TYPE);
    const queue = queueOf(parts.plan.name);
    this.watch = new RunWatch({
      agents: () => this.agents,
      startedAt: parts.startedAt,
      belongs: (task) => task.spec.queue === queue,
      keepPath: Array.isArray(parts.plan.tasks),
      cores: availableParallelism(),
      onSettled: (fact) => this.#settled(fact),
      onRedriven: (id) => void this.#await(id),
      ...(parts.options.onRisk !== undefined && { onRisk: parts.options.onRisk }),
    });
    // Counted before the watch is told: a task is in the total when it settles.
    parts.engine.observe({ facts: (facts) => this.#countAdded(facts, queue) });
    parts.engine.observe(this.watch);
    this.finished = this.#runWatched(parts.watchdog);
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** Somebody has paused its queue: nothing more starts before that ends. */
  get isPaused(): boolean {
    return this.#engine.isPaused(queueOf(this.#plan.name));
  }

  /** Stops the run: `leave` lets attempts save a checkpoint and hand their tasks back, `now` kills them. Nothing is lost. */
  stop(mode: CloseMode, ending: RunEnding = "interrupted"): void {
    if (this.#ending === "done") this.#ending = ending;
    this.stopping = mode;
    this.#stopReading?.();
    this.#room?.();
    this.#engine.close(mode).catch(() => {});
  }

  async #runWatched(watchdog: Watchdog): Promise<RunResult> {
    // What waits (for the end of a pause, or for an answer) keeps no process alive, and a run that waits must not end.
    const stay = setInterval(() => {}, STAY_MS);
    try {
      return await this.#run();
    } finally {
      clearInterval(stay);
      await watchdog.close();
    }
  }

  async #run(): Promise<RunResult> {
    try {
      if (this.#options.retryFailed === true) await this.#retryFailed();
      else if (Array.isArray(this.#plan.tasks)) await this.#runFlow(this.#plan.tasks as readonly PlannedTask[]);
      else await this.#runStream(this.#plan.tasks as AsyncIterable<readonly PlannedTask[]>);
      await this.#whenEmpty();
      // Nobody waits for tasks of an engine whose store failed.
      if (this.#engine.failure !== undefined) throw this.#engine.failure;
    } catch (error) {
      if (this.stopping === undefined || !isMakespanError(error, "engine_closed")) {
        await this.#engine.close("now").catch(() => {});
        throw error;
      }
    }
    await this.#engine.close(this.stopping ?? "drain");
    return { ending: this.#ending, summary: this.watch.summary(this.resumed), left: this.#live().length, dropped: this.#dropped };
  }

  async #runFlow(tasks: readonly PlannedTask[]): Promise<void> {
    this.total = tasks.length;
    this.isTotalFinal = true;
    const before = this.#waiting();
    const reply = await this.#engine.submit({ tasks: this.#submission.flow(tasks), flow: { name: this.#plan.name } });
    await this.#dropUnasked(before, new Set(reply.ids));
    // Members of groups that an earlier start was in the middle of.
    this.total += this.#live(isAdded).length;
    this.#follow(tasks, reply);
    await this.#engine.begin();
  }

  async #runStream(tasks: AsyncIterable<readonly PlannedTask[]>): Promise<void> {
    let before: readonly TaskId[] | undefined = this.#waiting();
    const asked = new Set<TaskId>();
    const parts = inParts(tasks, BATCH);
    for (;;) {
      const planned = await this.#nextOf(parts);
      if (this.stopping !== undefined) return;
      if (planned === undefined) break;
      const batch = planned.map((task) => this.#submission.streamed(task));
      const reply = await this.#engine.submit({ tasks: batch });
      this.total += batch.length;
      this.#follow(planned, reply);
      if (before !== undefined) {
        for (const id of reply.ids) asked.add(id);
        // An interrupted run left at most a window of tasks behind, the first that were not done: the window holds them again.
        if (this.#open < WINDOW - BATCH && before.some((id) => !asked.has(id))) continue;
        await this.#dropUnasked(before, asked);
        before = undefined;
        asked.clear();
        await this.#engine.begin();
      }
      while (this.#open >= WINDOW && this.stopping === undefined) await new Promise<void>((resolve) => (this.#room = resolve));
    }
    if (before !== undefined) {
      await this.#dropUnasked(before, asked);
      await this.#engine.begin();
    }
    this.isTotalFinal = true;
  }

  /** Undefined at the end, and as soon as the run is stopped: who writes the list may take for ever. */
  #nextOf(parts: AsyncGenerator<readonly PlannedTask[], undefined>): Promise<readonly PlannedTask[] | undefined> {
    return new Promise((resolve, reject) => {
      this.#stopReading = () => resolve(undefined);
      parts.next().then(({ value }) => resolve(value), reject);
    });
  }

  async #retryFailed(): Promise<void> {
    const waiting = this.#waiting();
    await this.#dropUnasked(waiting, await this.#failedBefore(waiting));
    const ids = await failedIn(this.#store, queueOf(this.#plan.name));
    if (ids.length > 0) await this.#engine.redrive(ids);
    const again = this.#waiting();
    this.total = again.length + this.#live(isAdded).length;
    this.isTotalFinal = true;
    for (const id of again) void this.#await(id);
    await this.#engine.begin();
  }

  #follow(tasks: readonly PlannedTask[], reply: SubmitReply): void {
    const seen = new Set<TaskId>();
    const before = this.#asked;
    this.#asked += tasks.length;
    for (const late of reply.downgraded) this.#options.onDowngraded?.(tasks[late.index]!, late);
    tasks.forEach((task, index) => {
      const id = reply.ids[index]!;
      if (seen.has(id)) return;
      seen.add(id);
      if (reply.finished.has(id)) {
        this.resumed += 1;
        return;
      }
      this.#options.onSubmitted?.(task, id, before + index + 1);
      void this.#await(id);
    });
  }

  async #await(id: TaskId): Promise<void> {
    this.#open += 1;
    // However it ended, or if the engine closed first: it is not waited for any more.
    await this.#engine.settled(id).catch(() => undefined);
    this.#open -= 1;
    if (this.#open < WINDOW) this.#room?.();
  }

  async #whenEmpty(): Promise<void> {
    while (this.#open > 0 && this.stopping === undefined) await new Promise<void>((resolve) => (this.#room = resolve));
  }

  #settled(fact: SettledFact): void {
    const decision = this.#options.onSettled?.(fact) ?? "go";
    if (decision !== "go" && this.stopping === undefined) this.stop(decision === "soon" ? "drain" : "now", "halted");
  }

  /** Live tasks of this run that nobody added while it ran. */
  #waiting(): readonly TaskId[] {
    return this.#live((task) => !isAdded(task));
  }

  #live(which: (task: Task) => boolean = () => true): readonly TaskId[] {
    const queue = queueOf(this.#plan.name);
    return this.#engine.liveTasks().flatMap((task) => (task.spec.queue === queue && which(task) ? [task.id] : []));
  }

  #countAdded(facts: readonly Fact[], queue: string): void {
    for (const { task, created } of facts) if (created && task.spec.queue === queue && isAdded(task)) this.total += 1;
  }

  /** Of these, what failed and waits to run again (it was redriven, or has retries left), with all that waits for it. */
  async #failedBefore(waiting: readonly TaskId[]): Promise<ReadonlySet<TaskId>> {
    const next: Task[] = [];
    for (let from = 0; from < waiting.length; from += LISTED_AT_ONCE) {
      const rows = await this.#store.taskGet(waiting.slice(from, from + LISTED_AT_ONCE), true);
      for (const { id, failures, error } of rows) {
        const task = this.#engine.liveTask(id);
        // A redrive counts failures from 0 again, but the error of the last one stays in the row; a deadline leaves none.
        if (task !== undefined && (failures > 0 || error !== undefined || task.extra?.isLate === true)) next.push(task);
      }
    }
    const failed = new Set<TaskId>();
    for (let task = next.pop(); task !== undefined; task = next.pop()) {
      if (failed.has(task.id)) continue;
      failed.add(task.id);
      for (const dependent of task.extra?.dependents ?? []) next.push(dependent);
    }
    return failed;
  }

  async #dropUnasked(before: readonly TaskId[], asked: ReadonlySet<TaskId>): Promise<void> {
    const ids = before.filter((id) => !asked.has(id));
    if (ids.length > 0) this.#dropped += await this.#engine.cancel({ ids }, "not_asked_for");
  }
}

async function addAgents(engine: Engine, store: Store, plan: RunPlan, tasks: readonly PlannedTask[], options: RunOptions, watchdog: Watchdog): Promise<void> {
  const calls = callPlaces(tasks, plan.folder);
  for (const agent of plan.agents) {
    if (agent.types.length === 0) continue;
    await engine.addAgent(makeAgent(agent, calls, { folder: plan.folder, jobs: options.jobs, payloadBytes: PAYLOAD_BYTES, watchdog, onOutput: options.onOutput }));
  }
  if (!tasks.some((task) => task.expand !== undefined)) return;
  const handler = (input: ExpandInput | null, context: Parameters<typeof expand>[1]): ReturnType<typeof expand> => expand(input, context, (ids) => store.taskGet(ids, true));
  await engine.addAgent(createFunctionAgent({ name: EXPAND_TYPE, slots: 16, payloadBytes: PAYLOAD_BYTES, handlers: { [EXPAND_TYPE]: { handler } } }));
}

/** By another task, while the run went on. */
function isAdded(task: Task): boolean {
  return task.extra?.parent !== undefined;
}

async function* inParts<T>(source: AsyncIterable<readonly T[]>, size: number): AsyncGenerator<readonly T[], undefined> {
  for await (const part of source) {
    for (let from = 0; from < part.length; from += size) yield part.slice(from, from + size);
  }
  return undefined;
}

/** Every task of the queue that failed or expired, by id. */
async function failedIn(store: Store, queue: string): Promise<readonly TaskId[]> {
  const ids: TaskId[] = [];
  for (let after: TaskId | undefined; ; ) {
    const rows = await store.taskList({ filter: { queue, states: ["failed", "expired"] }, after, limit: LISTED_AT_ONCE, descending: false });
    // A task that another one has taken the place of keeps its row but not its key.
    ids.push(...rows.flatMap((row) => (row.key !== null ? [row.id] : [])));
    if (rows.length < LISTED_AT_ONCE) return ids;
    after = rows[rows.length - 1]!.id;
  }
}
