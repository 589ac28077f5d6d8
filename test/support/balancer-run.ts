// Tasks on a fleet in virtual time, started by a balancer alone: each dispatch goes through the waiting tasks by rank, as the scheduler
// does. So what a balancer does to a whole workload can be seen, and every pick is checked: able, with a free slot, not draining.
import assert from "node:assert/strict";
import { speedOf, type Agent, type AgentSpec } from "../../src/core/agent.ts";
import type { Attempt } from "../../src/core/attempt.ts";
import type { BalanceContext } from "../../src/core/balance/balancer.ts";
import { Fleet } from "../../src/core/fleet.ts";
import { randomOf } from "../../src/core/struct/random.ts";
import type { Spec, Task } from "../../src/core/task.ts";
import { extraOf, TaskRecord } from "../../src/core/task-record.ts";
import { attemptOn } from "./core-attempt.ts";
import { spec } from "./core-scene.ts";

export interface RunTask {
  /** At speed 1. */
  readonly serviceMs: number;
  /** What is believed; default the truth. */
  readonly estimateMs?: number;
  readonly arrivesAt?: number;
  /** Places of the tasks that it needs. */
  readonly needs?: readonly number[];
  /** Lower goes first; default in order. */
  readonly rank?: number;
  readonly type?: string;
  readonly dueAt?: number;
  readonly region?: string;
}

export interface Start {
  readonly task: number;
  readonly agent: string;
  readonly at: number;
  readonly endsAt: number;
}

interface Running {
  readonly attempt: Attempt;
  readonly index: number;
  readonly endsAt: number;
}

interface Waiting {
  readonly index: number;
  readonly task: Task;
  readonly rank: number;
}

export class BalancerRun implements BalanceContext {
  readonly fleet = new Fleet();
  readonly starts: Start[] = [];
  /** Dispatches in which each task was told to wait while an able agent had a free slot. */
  readonly waits = new Map<number, number[]>();
  /** Called for the time from assignment to start of each attempt, for balancers that measure; default none passes. */
  delayMs: (task: RunTask, agent: Agent) => number = () => 0;
  /** Called before each dispatch. */
  onDispatch: () => void = () => {};
  now = 0;
  picks = 0;
  readonly #tasks: readonly RunTask[];
  readonly #specs = new Map<string, Spec>();
  readonly #running: Running[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #open: number[];
  readonly #dependents: number[][];
  readonly #seed: number;
  #draws = 0;

  constructor(agents: readonly Partial<AgentSpec>[], balancer: string, tasks: readonly RunTask[], seed = 1) {
    agents.forEach((part, index) => this.fleet.join({ name: `a${index}`, kind: "function", types: ["work"], slots: 1, ...part }, 0));
    assert.equal(this.fleet.setBalancer(balancer), undefined);
    this.#tasks = tasks;
    this.#seed = seed;
    this.#open = tasks.map(({ needs }) => needs?.length ?? 0);
    this.#dependents = tasks.map(() => []);
    tasks.forEach(({ needs }, index) => needs?.forEach((need) => this.#dependents[need]!.push(index)));
  }

  remainingMs(task: Task): number {
    return task.extra!.estimateMs!;
  }

  endsAt(attempt: Attempt): number {
    const expected = attempt.assignedAt + this.remainingMs(attempt.task) / speedOf(attempt.agent, attempt.task.spec.type);
    return expected >= this.now ? expected : this.now + (this.now - expected);
  }

  random(): number {
    return randomOf(this.#seed, this.#draws++, 0);
  }

  /** Plays everything to its end; returns when the last task ended. */
  play(): number {
    const arrivals = this.#tasks.map((task, index) => ({ index, at: task.arrivesAt ?? 0 })).filter(({ index }) => this.#open[index] === 0).sort((a, b) => a.at - b.at || a.index - b.index);
    let next = 0;
    for (;;) {
      while (next < arrivals.length && arrivals[next]!.at <= this.now) this.#arrive(arrivals[next++]!.index);
      this.#dispatch();
      const reviewAt = this.#waiting.length > 0 ? (this.fleet.balancer.reviewAt ?? Infinity) : Infinity;
      const at = Math.min(arrivals[next]?.at ?? Infinity, ...this.#running.map(({ endsAt }) => endsAt), reviewAt);
      if (at === Infinity) break;
      assert.ok(at > this.now || at === arrivals[next]?.at || this.#running.some(({ endsAt }) => endsAt <= at), "time goes on");
      this.now = at;
      this.#end();
    }
    assert.equal(this.starts.length, this.#tasks.length, "every task was started");
    return Math.max(0, ...this.starts.map(({ endsAt }) => endsAt));
  }

  #dispatch(): void {
    this.onDispatch();
    const { balancer } = this.fleet;
    balancer.begin?.(this);
    let passed = 0;
    for (let at = 0; at < this.#waiting.length && passed <= (balancer.lookAhead ?? 0); ) {
      const { index, task } = this.#waiting[at]!;
      const able = this.fleet.able(task.spec.type);
      const hasRoom = able.some((agent) => agent.free > 0);
      assert.equal(this.fleet.hasFreeSlot(task.spec.type), hasRoom, "the fleet counts who has room");
      this.picks += 1;
      const picked = hasRoom ? this.fleet.pick(task, this) : undefined;
      if (picked === undefined || picked === "wait") {
        assert.equal(picked, hasRoom ? "wait" : undefined, "an agent with a free slot is left free only by a wait");
        if (picked === "wait") {
          assert.ok(balancer.lookAhead !== undefined, "only one that looks ahead may let a task wait");
          this.waits.set(index, [...(this.waits.get(index) ?? []), this.now]);
          passed += 1;
        }
        at += 1;
        continue;
      }
      assert.ok(able.includes(picked) && picked.free > 0 && !picked.draining, "the pick is able and has a free slot");
      this.#waiting.splice(at, 1);
      this.#start(index, task, picked);
    }
  }

  #start(index: number, task: Task, agent: Agent): void {
    const attempt = attemptOn(agent, task, this.now);
    this.fleet.take(attempt);
    const endsAt = this.now + this.#tasks[index]!.serviceMs / speedOf(agent, task.spec.type);
    this.#running.push({ attempt, index, endsAt });
    this.starts.push({ task: index, agent: agent.spec.name, at: this.now, endsAt });
  }

  #end(): void {
    const ended = this.#running.filter(({ endsAt }) => endsAt <= this.now).sort((a, b) => a.endsAt - b.endsAt || a.index - b.index);
    for (const running of ended) {
      this.#running.splice(this.#running.indexOf(running), 1);
      this.fleet.giveBack(running.attempt);
      const { attempt } = running;
      this.fleet.balancer.observe?.(attempt, attempt.assignedAt + this.delayMs(this.#tasks[running.index]!, attempt.agent), this.now);
      for (const index of this.#dependents[running.index]!) {
        this.#open[index]! -= 1;
        if (this.#open[index] === 0) this.#arrive(index);
      }
    }
  }

  #arrive(index: number): void {
    const { serviceMs, estimateMs = serviceMs, type = "work", rank = index, dueAt, region } = this.#tasks[index]!;
    let shared = this.#specs.get(type);
    if (shared === undefined) this.#specs.set(type, (shared = spec({ type })));
    const task = new TaskRecord(index + 1, shared, "queued", 0, this.now);
    Object.assign(extraOf(task), { estimateMs, ...(dueAt !== undefined && { dueAt }), ...(region !== undefined && { region }) });
    const place = this.#waiting.findIndex((other) => rank < other.rank || (rank === other.rank && index < other.index));
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, { index, task, rank });
  }
}
