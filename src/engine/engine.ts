/**
 * The live engine: the core on a real clock, with a durable store and agents in this process. It routes: submissions and
 * reports become events, turns make them durable, replies and commands go out. What each part does is in its own file.
 */
import type { Agent } from "../core/agent.ts";
import type { DistanceTable } from "../core/balance/distances.ts";
import type { Event, Payload, Reply, Selection, Turn } from "../core/event.ts";
import type { Why } from "../core/foresight/why.ts";
import type { LimitState } from "../core/limits/limit.ts";
import type { LimitRule } from "../core/limits/rule.ts";
import { Scheduler } from "../core/scheduler.ts";
import { isFinal, type AgentId, type Task, type TaskId, type TaskState } from "../core/task.ts";
import { isMakespanError, MakespanError } from "../protocol/errors.ts";
import type { Store, StoreState } from "../store/store.ts";
import type { AgentDriver, Outcome } from "./agent.ts";
import type { Clock } from "./clock.ts";
import { closedError } from "./closed-error.ts";
import { InputCache } from "./input-cache.ts";
import { DEFAULT_LIMITS, type EngineLimits } from "./limits.ts";
import { LearnedRows, restoreLearned, type Learned } from "./learned.ts";
import { noUsage } from "./no-usage.ts";
import { Observers } from "./observers.ts";
import { OpenCalls } from "./open-calls.ts";
import { Past } from "./past.ts";
import { refusalOf } from "./refusal.ts";
import { Reporter, type ReporterContext } from "./reporter.ts";
import { Requests, type OutsideRequest } from "./requests.ts";
import { Retention } from "./retention.ts";
import { Settings, type SettingEvent } from "./settings.ts";
import { Settling } from "./settling.ts";
import { SpecTable } from "./specs.ts";
import { steadyClock } from "./steady-clock.ts";
import { checkSize, Submissions } from "./submissions.ts";
import { outcomeOf, Starts, type StartCommand } from "./starts.ts";
import { Turns, type Alongside, type OnReply } from "./turns.ts";
import type { CloseMode, Engine, EngineOptions, Observer, SubmitBatch, SubmitReply } from "./types.ts";
import { Waiters } from "./waiters.ts";

const RESTORED_AT_ONCE = 5_000;

/** Opens the store, takes its tasks back and starts to work. Rejects with a MakespanError when the store cannot be used. */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const state = await options.store.open();
  try {
    return await LiveEngine.start(options, state);
  } catch (error) {
    await options.store.close();
    throw error;
  }
}

class LiveEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #limits: EngineLimits;
  readonly #scheduler: Scheduler;
  readonly #specs: SpecTable;
  readonly #turns: Turns;
  readonly #submissions: Submissions;
  readonly #starts: Starts;
  readonly #inputs: InputCache;
  readonly #past: Past;
  readonly #waiters = new Waiters();
  readonly #settling = new Settling();
  readonly #requests: Requests;
  readonly #retention: Retention;
  readonly #learnedRows: LearnedRows;
  /** Types whose stored estimates could not be read. */
  readonly #ignored: readonly string[];
  readonly #observers = new Observers();
  readonly #drivers = new Map<AgentId, AgentDriver>();
  readonly #agentIds: Map<string, AgentId>;
  readonly #reporterContext: ReporterContext;
  readonly #settings: Settings;
  readonly #onAttemptEnd = new Set<() => void>();
  readonly #calls = new OpenCalls();
  /** The last redrive or retention under way. */
  #finishedTasks: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #closed = false;
  failure: MakespanError | undefined;

  static async start(options: EngineOptions, state: StoreState): Promise<LiveEngine> {
    const scheduler = new Scheduler({
      seed: options.seed ?? 1,
      stopGraceMs: options.limits?.stopGraceMs ?? DEFAULT_LIMITS.stopGraceMs,
      lastTaskId: state.lastTaskId,
      lastFlowId: state.lastFlowId,
      lastAgentId: Math.max(0, ...state.agents.map((agent) => agent.id)),
    });
    scheduler.restore(state.flows, []);
    for (let after = 0; ; ) {
      const rows = await options.store.liveLoad(after, RESTORED_AT_ONCE);
      scheduler.restore([], rows);
      if (rows.length < RESTORED_AT_ONCE) break;
      after = rows[rows.length - 1]!.id;
    }
    const clock = steadyClock(options.clock);
    const ignored = restoreLearned(state.settings, (learned) => scheduler.restoreEstimates(learned));
    scheduler.resume(clock.now(), state.served);
    return new LiveEngine(options, state, scheduler, clock, ignored);
  }

  private constructor(options: EngineOptions, state: StoreState, scheduler: Scheduler, clock: Clock, ignored: readonly string[]) {
    this.#options = options;
    this.#learnedRows = new LearnedRows(scheduler.estimates);
    this.#ignored = ignored;
    this.#store = options.store;
    this.#clock = clock;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#scheduler = scheduler;
    this.#specs = new SpecTable(state.specs);
    this.#inputs = new InputCache(this.#limits.inputCacheBytes);
    this.#past = new Past(this.#store);
    this.#agentIds = new Map(state.agents.map((agent) => [agent.name, agent.id]));
    const fail = (error: unknown): void => this.#fail(error);
    this.#turns = new Turns({
      scheduler,
      store: this.#store,
      clock: this.#clock,
      limits: this.#limits,
      specs: this.#specs,
      epoch: state.epoch,
      settingsDue: (now) => this.#learnedRows.due(now),
      onApplied: (turn) => this.#applied(turn),
      onDurable: (turn, events, at) => this.#durable(turn, events, at),
      onFailure: fail,
    });
    this.#submissions = new Submissions({
      store: this.#store,
      specs: this.#specs,
      limits: this.#limits,
      find: (id) => scheduler.task(id),
      liveCount: () => scheduler.liveCount,
      post: (event) => this.#post(event),
      resolveChild: options.resolveChild,
    });
    this.#reporterContext = {
      turns: this.#turns,
      post: (event) => this.#post(event),
      clock: this.#clock,
      limits: this.#limits,
      note: (note) => this.#observers.note(note),
      // Even while the engine drains: a running task may go on to its end.
      submitChild: (child, by) => this.#submissions.submitChild(child, by),
    };
    this.#starts = new Starts({
      store: this.#store,
      inputs: this.#inputs,
      driverOf: (agentId) => this.#drivers.get(agentId),
      reporterOf: (command) => new Reporter(this.#reporterContext, command.task.id, command.attempt),
      isClosing: () => this.#closing !== undefined,
      abandon: (command) => this.#abandon(command),
      onError: fail,
    });
    this.#requests = new Requests({
      store: this.#store,
      clock: this.#clock,
      everyMs: this.#limits.requestEveryMs,
      carryOut: (request, requestId) => this.#carryOut(request, requestId),
      onError: fail,
    });
    this.#retention = new Retention((rule) => this.#alone(() => this.#store.retain(rule, state.epoch)), this.#clock, this.#limits, fail);
    this.#settings = new Settings(state.settings);
    for (const event of this.#settings.events()) this.#turns.post(event);
    if (options.paused === true) this.#turns.post({ kind: "pause" });
    // Even without settings: what was restored must be written, and what waits must be matched when agents come.
    this.#turns.post({ kind: "tick" });
  }

  submit(batch: SubmitBatch): Promise<SubmitReply> {
    this.#assertOpen();
    return this.#submissions.submit(batch);
  }

  async settled(id: TaskId): Promise<Outcome> {
    const known = this.#waiters.find(id);
    if (known !== undefined) return known;
    this.#assertOpen();
    if (this.isUnsettled(id)) return this.#waiters.wait(id);
    const [row] = await this.#store.taskGet([id], true);
    if (row === undefined) throw new MakespanError("task_not_found", `There is no task t${id}.`);
    return isFinal(row.state) ? outcomeOf(row) : this.#waiters.wait(id);
  }

  async cancel(select: Selection, reason: string): Promise<number> {
    this.#assertOpen();
    return this.#count(await this.#call({ kind: "cancel", select, reason }));
  }

  async answer(id: TaskId, answer: Payload): Promise<void> {
    this.#assertOpen();
    checkSize("answer", answer, this.#limits);
    await this.#call({ kind: "answer", id, answer });
  }

  async redrive(ids: readonly TaskId[]): Promise<number> {
    this.#assertOpen();
    return this.#redrive(ids, undefined);
  }

  async pause(queue?: string): Promise<void> {
    await this.#set({ kind: "pause", ...(queue !== undefined && { queue }) });
  }

  async resume(queue?: string): Promise<void> {
    await this.#set({ kind: "resume", ...(queue !== undefined && { queue }) });
  }

  async setPolicy(queue: string, policy: string): Promise<void> {
    await this.#set({ kind: "policy", queue, policy });
  }

  async lendPolicy(queue: string, policy: string): Promise<void> {
    await this.#call({ kind: "policy", queue, policy });
  }

  async setBalancer(balancer: string): Promise<void> {
    await this.#set({ kind: "balancer", balancer });
  }

  async setDistances(distances: DistanceTable): Promise<void> {
    await this.#set({ kind: "distances", distances });
  }

  async setFairShare(queue: string, weights: Readonly<Record<string, number>> | null): Promise<void> {
    await this.#set({ kind: "fair-share", queue, weights });
  }

  isPaused(queue: string): boolean {
    return this.#settings.isPaused(queue);
  }

  async begin(): Promise<void> {
    this.#assertOpen();
    // All in one turn: nothing of a queue that stays paused may start in between.
    await Promise.all(this.#settings.pauses().map((event) => this.#call(event)));
  }

  async setTypeLimit(type: string, limit: number | null): Promise<void> {
    await this.#call({ kind: "type-limit", type, limit });
  }

  async addAgent(driver: AgentDriver): Promise<AgentId> {
    this.#assertOpen();
    // Given here and not by the core, so that two joins of one name on their way at once get the same.
    const id = this.#agentIds.get(driver.spec.name) ?? Math.max(0, ...this.#agentIds.values()) + 1;
    this.#agentIds.set(driver.spec.name, id);
    // The driver must be known before the commands of the same turn go out: the reply comes first.
    return this.#calls.open((end) => {
      this.#turns.post({ kind: "agent-join", agent: driver.spec, id }, (reply) => {
        if (reply.kind !== "joined") return;
        // One of the same name that was here, or was given up for silent, has no say any more: whatever it runs is lost.
        this.#drivers.get(reply.agentId)?.close().catch(() => {});
        this.#drivers.set(reply.agentId, driver);
        end(reply.agentId);
      });
    });
  }

  async removeAgent(id: AgentId, drain: boolean): Promise<void> {
    // Another one of the same name may join in the same turn: which driver is meant is known when the reply comes.
    let driver: AgentDriver | undefined;
    const reply = await this.#post({ kind: "agent-leave", id, drain }, undefined, () => (driver = this.#drivers.get(id)));
    if (reply.kind === "refused") throw refusalOf(reply);
    const isReplaced = (): boolean => this.#drivers.get(id) !== driver;
    if (drain) await this.#until(() => isReplaced() || !this.#scheduler.agents().some((agent) => agent.id === id));
    if (isReplaced()) return;
    this.#drivers.delete(id);
    await driver?.close();
  }

  observe(observer: Observer): () => void {
    return this.#observers.add(observer);
  }

  counts(): Readonly<Record<TaskState, number>> {
    return this.#scheduler.counts;
  }

  agents(): readonly Agent[] {
    return this.#scheduler.agents();
  }

  async setLimit(name: string, rule: LimitRule | null): Promise<void> {
    await this.#set({ kind: "limit", name, rule });
  }

  limits(): readonly LimitState[] {
    return this.#scheduler.limits();
  }

  get balancer(): string {
    return this.#scheduler.balancer;
  }

  estimates(): Learned {
    return { types: this.#scheduler.estimates.describe(), ignored: this.#ignored };
  }

  liveTask(id: TaskId): Task | undefined {
    return this.#scheduler.liveTask(id);
  }

  isUnsettled(id: TaskId): boolean {
    return this.#scheduler.liveTask(id) !== undefined || this.#settling.has(id);
  }

  why(id: TaskId): Why | undefined {
    return this.#scheduler.why(id);
  }

  liveTasks(): readonly Task[] {
    return [...this.#scheduler.tasks()].filter((task) => !isFinal(task.state));
  }

  async idle(): Promise<void> {
    this.#assertOpen();
    await this.#until(() => {
      const { queued, running } = this.#scheduler.counts;
      return queued === 0 && running === 0 && this.#turns.isQuiet;
    });
  }

  close(mode: CloseMode): Promise<void> {
    if (this.#closed || this.failure !== undefined) return this.#closing ?? this.#store.close();
    // Taken back after the turn that ends all starts: what was posted before it may start more.
    if (mode !== "drain") this.#turns.post({ kind: "drain", leave: true }, mode === "now" ? () => this.#takeBackRunning() : undefined);
    else if (this.#closing === undefined) this.#turns.post({ kind: "drain", leave: false });
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  async #finish(): Promise<void> {
    try {
      this.#requests.stop();
      this.#retention.stop();
      await this.#until(() => this.#scheduler.attemptsUnderWay === 0 || this.failure !== undefined);
      for (const setting of this.#learnedRows.rest()) this.#turns.post({ kind: "tick" }, undefined, { settings: [setting] });
      await this.#turns.quiet();
      this.#closed = true;
      this.#turns.stop();
      await Promise.all([...this.#drivers.values()].map((driver) => driver.close()));
      const error = closedError();
      this.#waiters.rejectAll(error);
      this.#calls.rejectAll(error);
    } finally {
      // Also when a write failed meanwhile, or the file would stay locked.
      await this.#store.close();
    }
  }

  /** Running tasks are queued again without waiting for their agents, at no cost to their retries. */
  #takeBackRunning(): void {
    const usage = { startedAt: this.#clock.now(), cpuMs: 0, peakMemoryBytes: 0, cost: 0 };
    for (const agent of this.#scheduler.agents()) {
      for (const attempt of agent.attempts) {
        this.#starts.stop({ agentId: agent.id, id: attempt.task.id, attempt: attempt.number, reason: "shutdown" });
        this.#turns.post({ kind: "release", id: attempt.task.id, attempt: attempt.number, usage });
      }
    }
  }

  // --- calls and requests ---

  /** Posts an event; resolves with its reply once it is durable. */
  #post(event: Event, alongside?: Alongside, onReply?: OnReply): Promise<Reply> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (this.#closed) return Promise.reject(closedError());
    return this.#calls.open((end) => {
      this.#turns.post(event, (reply) => {
        onReply?.(reply);
        end(reply);
      }, alongside);
    });
  }

  async #call(event: Event, alongside?: Alongside): Promise<Reply> {
    const reply = await this.#post(event, alongside);
    if (reply.kind === "refused") throw refusalOf(reply);
    return reply;
  }

  #set(event: SettingEvent, alongside?: Alongside): Promise<Reply> {
    return this.#call(event, { ...alongside, settings: this.#settings.keep(event) });
  }

  #count(reply: Reply): number {
    return reply.kind === "count" ? reply.count : 0;
  }

  #redrive(ids: readonly TaskId[], alongside: Alongside | undefined): Promise<number> {
    return this.#alone(async () => {
      for (;;) {
        const { tasks, flows } = await this.#past.load(ids);
        const reply = await this.#post({ kind: "redrive", ids, tasks, flows }, alongside);
        if (reply.kind !== "refused") return this.#count(reply);
        if (reply.code !== "key_moved") throw refusalOf(reply);
      }
    });
  }

  /** One at a time: finished tasks that are read from the store must still be there, and finished, when a redrive is applied. */
  #alone<Value>(run: () => Promise<Value>): Promise<Value> {
    const done = this.#finishedTasks.then(run);
    this.#finishedTasks = done.catch(() => {});
    return done;
  }

  #carryOut(request: OutsideRequest, requestId: number): Promise<unknown> {
    const done: Alongside = { requestDone: requestId };
    if (request.kind === "redrive") return this.#redrive(request.ids, done);
    return request.kind === "cancel" || request.kind === "answer" ? this.#call(request, done) : this.#set(request, done);
  }

  // --- after a turn ---

  /** Inputs of new tasks are kept at hand for their start. */
  #applied(turn: Turn): void {
    this.#settling.applied(turn);
    this.#submissions.applied(turn.replies);
    for (const change of turn.changes) {
      const { task, created } = change;
      if (task.state === "queued" && created !== undefined) this.#inputs.put(task.id, created.input);
      else if (created === undefined && isFinal(task.state)) this.#inputs.take(task.id);
    }
  }

  #durable(turn: Turn, events: readonly Event[], at: number): void {
    this.#settling.durable();
    turn.replies.forEach((reply, index) => {
      if (reply.kind === "refused" && reply.code === "stale_attempt") this.#observers.noteStale(events[index]!);
    });
    const starts: StartCommand[] = [];
    for (const command of turn.commands) {
      if (command.kind === "start") starts.push(command);
      else this.#starts.stop(command);
    }
    // Watchers first: a handler that runs at once may report progress of a task that they must know as running.
    this.#tellWaiters(turn);
    this.#observers.tell(turn, at);
    if (starts.length > 0) this.#starts.start(starts);
    for (const check of this.#onAttemptEnd) check();
  }

  #tellWaiters(turn: Turn): void {
    if (this.#waiters.size === 0) return;
    for (const change of turn.changes) {
      const { task, state } = change;
      if (isFinal(state)) this.#waiters.settle({ id: task.id, name: task.extra?.name, state, result: change.result, error: change.error });
    }
  }

  /** Nobody ran it: its slot is free at once. */
  #abandon({ task, attempt }: StartCommand): void {
    this.#turns.post({ kind: "release", id: task.id, attempt, usage: noUsage(task, this.#clock.now()) });
  }

  /** Resolves when the condition holds after some turn, or at once. */
  #until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return this.#calls.open((end: (value: void) => void) => {
      const check = (): void => {
        if (!condition()) return;
        this.#onAttemptEnd.delete(check);
        end();
      };
      this.#onAttemptEnd.add(check);
    });
  }

  #assertOpen(): void {
    if (this.failure !== undefined) throw this.failure;
    if (this.#closing !== undefined) throw closedError();
  }

  /** A write failed: nothing that follows could be kept, so nothing follows. */
  #fail(cause: unknown): void {
    if (this.failure !== undefined || this.#closed) return;
    const what = cause instanceof Error ? cause.message : String(cause);
    const code = isMakespanError(cause) ? cause.code : "engine_stopped";
    const why = isMakespanError(cause) ? "its store failed" : "a write failed";
    this.failure = new MakespanError(code, `The engine stopped, since ${why}: ${what}`, {}, { cause });
    this.#turns.stop();
    this.#requests.stop();
    this.#retention.stop();
    this.#waiters.rejectAll(this.failure);
    this.#calls.rejectAll(this.failure);
    for (const driver of this.#drivers.values()) driver.close().catch(() => {});
    this.#options.onFailure?.(this.failure);
  }
}
