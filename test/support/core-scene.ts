// A stage for small scenes with the scheduler: it keeps the time, speaks for agents, and writes every turn to a mirror, so that each
// scene also shows that all changes were reported. Specs and tasks come with plain defaults.
import assert from "node:assert/strict";
import type { AgentSpec } from "../../src/core/agent.ts";
import type { Event, NewTask, Reply, Turn, Usage } from "../../src/core/event.ts";
import type { LimitState } from "../../src/core/limits/limit.ts";
import type { LimitRule } from "../../src/core/limits/rule.ts";
import type { RetryRule, Spec, TaskId, TaskState, Use } from "../../src/core/task.ts";
import type { Scheduler } from "../../src/core/scheduler.ts";
import { CoreMirror, type Row } from "./core-mirror.ts";

export const STOP_GRACE_MS = 100;
const NO_RETRY: RetryRule = { limit: 0, backoff: "fixed", delayMs: 0, maxDelayMs: 1_000_000, jitter: 0, lossLimit: 3 };

export type SpecPart = Partial<Omit<Spec, "retry">> & { readonly retry?: Partial<RetryRule> };

let lastSpecId = 0;

export function spec(part: SpecPart = {}): Spec {
  return {
    id: ++lastSpecId,
    type: "work",
    queue: "default",
    priority: 3,
    onDependencyFailure: "skip",
    ...part,
    retry: { ...NO_RETRY, ...part.retry },
  };
}

export type TaskPart = Omit<Partial<NewTask>, "spec" | "needs"> & SpecPart & { readonly needs?: readonly number[]; readonly needsTasks?: readonly TaskId[] };

/** A new task; `needs` are places in the submission, `needsTasks` ids. */
export function task(part: TaskPart = {}): NewTask {
  const { type, queue, priority, retry, timeoutMs, onDependencyFailure, preemptible, needs, needsTasks, ...rest } = part;
  const shared = { type, queue, priority, retry, timeoutMs, onDependencyFailure, preemptible };
  const given = Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined)) as SpecPart;
  const all = [...(needs ?? []).map((index) => ({ kind: "new" as const, index })), ...(needsTasks ?? []).map((id) => ({ kind: "task" as const, id }))];
  return { input: "null", ...rest, spec: spec(given), ...(all.length === 0 ? {} : { needs: all }) };
}

export class Scene {
  readonly mirror = new CoreMirror();
  readonly seed: number;
  scheduler: Scheduler;
  now = 1_000;
  turn!: Turn;
  readonly #rules = new Map<string, LimitRule>();

  constructor(seed = 1) {
    this.seed = seed;
    this.scheduler = this.mirror.restore({ seed, stopGraceMs: STOP_GRACE_MS }, 0);
  }

  act(...events: readonly Event[]): Turn {
    this.turn = this.scheduler.turn(this.now, events);
    this.mirror.write(this.turn);
    this.mirror.assertSame(this.scheduler);
    return this.turn;
  }

  /** Time passes, with a turn at its end. */
  pass(ms: number): Turn {
    this.now += ms;
    return this.act();
  }

  /** The engine dies and comes back. */
  restart(): Turn {
    this.scheduler = this.mirror.restore({ seed: this.seed, stopGraceMs: STOP_GRACE_MS }, this.now);
    return this.act(...[...this.#rules].map(([name, rule]) => this.mirror.limitEvent(name, rule)));
  }

  agent(slots = 10, types: readonly string[] = ["work"], part: Partial<AgentSpec> = {}): number {
    const reply = this.act({ kind: "agent-join", agent: { name: `agent ${slots}`, kind: "function", types, slots, ...part } }).replies[0]!;
    assert.equal(reply.kind, "joined");
    return reply.kind === "joined" ? reply.agentId : 0;
  }

  submit(...tasks: readonly NewTask[]): readonly TaskId[] {
    return idsOf(this.act({ kind: "submit", tasks }).replies[0]!);
  }

  flow(...tasks: readonly NewTask[]): readonly TaskId[] {
    return idsOf(this.act({ kind: "submit", tasks, flow: { name: "flow" } }).replies[0]!);
  }

  children(parent: TaskId, ...tasks: readonly NewTask[]): readonly TaskId[] {
    return idsOf(this.act({ kind: "submit", tasks, by: { id: parent, attempt: this.row(parent).attempt } }).replies[0]!);
  }

  succeed(id: TaskId, result = "null", attempt = this.row(id).attempt): Reply {
    return this.act({ kind: "succeed", id, attempt, result, usage: this.usage() }).replies[0]!;
  }

  fail(id: TaskId, part: { readonly retryable?: boolean; readonly retryAfterMs?: number; readonly code?: string } = {}): Reply {
    const failure = { code: "handler_error", error: `"wrong"`, retryable: true, ...part };
    return this.act({ kind: "fail", id, attempt: this.row(id).attempt, failure, usage: this.usage() }).replies[0]!;
  }

  park(id: TaskId, until: "children" | "answer", checkpoint?: string): Reply {
    const saved = checkpoint === undefined ? {} : { checkpoint };
    return this.act({ kind: "park", id, attempt: this.row(id).attempt, until, ...saved, usage: this.usage() }).replies[0]!;
  }

  release(id: TaskId, checkpoint?: string): Reply {
    const saved = checkpoint === undefined ? {} : { checkpoint };
    return this.act({ kind: "release", id, attempt: this.row(id).attempt, ...saved, usage: this.usage() }).replies[0]!;
  }

  redrive(...ids: readonly TaskId[]): Reply {
    return this.act({ kind: "redrive", ids, ...this.mirror.past(ids) }).replies[0]!;
  }

  row(id: TaskId): Row {
    const row = this.mirror.rows.get(id);
    assert.ok(row !== undefined, `there is a task ${id}`);
    return row;
  }

  state(id: TaskId): TaskState {
    return this.row(id).state;
  }

  states(ids: readonly TaskId[]): readonly TaskState[] {
    return ids.map((id) => this.state(id));
  }

  /** Ids of the tasks that the last turn started, in order. */
  get started(): readonly TaskId[] {
    return this.turn.commands.flatMap((command) => (command.kind === "start" ? [command.task.id] : []));
  }

  /** Ids of the tasks that run, the one that runs longest first. */
  running(): readonly TaskId[] {
    const attempts = this.scheduler.agents().flatMap((agent) => [...agent.attempts]).filter((attempt) => attempt.task.run === attempt);
    return attempts.sort((a, b) => a.assignedAt - b.assignedAt).map((attempt) => attempt.task.id);
  }

  /** Agents of the starts of the last turn, in order. */
  get startedOn(): readonly number[] {
    return this.turn.commands.flatMap((command) => (command.kind === "start" ? [command.agentId] : []));
  }

  /** `id#attempt reason` of those told to stop in the last turn. */
  get stopped(): readonly string[] {
    return this.turn.commands.flatMap((command) => (command.kind === "stop" ? [`${command.id}#${command.attempt} ${command.reason}`] : []));
  }

  used(limit: string): number | undefined {
    return this.scheduler.limits().find(({ name }) => name === limit)?.used;
  }

  /** Declares a limit, or lifts it; a restart brings it back. */
  limit(name: string, rule: LimitRule | null): Reply {
    if (rule === null) this.#rules.delete(name);
    else this.#rules.set(name, rule);
    return this.act({ kind: "limit", name, rule }).replies[0]!;
  }

  limitState(name: string): LimitState {
    const state = this.scheduler.limits().find((limit) => limit.name === name);
    assert.ok(state !== undefined, `there is a limit ${name}`);
    return state;
  }

  /** Succeeds, saying what it really used. */
  succeedUsing(id: TaskId, used: Readonly<Record<string, number>>): Reply {
    const usage = { ...this.usage(), used: usesOf(used) };
    return this.act({ kind: "succeed", id, attempt: this.row(id).attempt, result: "null", usage }).replies[0]!;
  }

  usage(): Usage {
    // Counts as started when it was assigned.
    return { startedAt: 0, cpuMs: 0, peakMemoryBytes: 0, cost: 0 };
  }
}

/** `{ tokens: 5 }` as the core has it. */
export function usesOf(uses: Readonly<Record<string, number>>): readonly Use[] {
  return Object.entries(uses).map(([limit, amount]) => ({ limit, amount }));
}

export function idsOf(reply: Reply): readonly TaskId[] {
  assert.equal(reply.kind, "submitted", JSON.stringify(reply));
  return reply.kind === "submitted" ? reply.ids : [];
}

/** The code of a refusal, or the kind of any other reply. */
export function codeOf(reply: Reply | undefined): string | undefined {
  return reply?.kind === "refused" ? reply.code : reply?.kind;
}
