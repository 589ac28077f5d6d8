// A random life of a scheduler, told by a list of steps: tasks are submitted, agents come, go, answer late, twice or never, users
// pause, cancel and redrive, the engine dies and comes back. Every number in a step picks among what is there, so that any list is
// a valid life and a failing one can be cut down. Each turn is judged by the checker and noted in a journal.
import type { AgentSpec } from "../../src/core/agent.ts";
import type { Event, Failure, Need, NewTask, Selection, Turn, Usage } from "../../src/core/event.ts";
import { Scheduler } from "../../src/core/scheduler.ts";
import type { LimitRule } from "../../src/core/limits/rule.ts";
import type { AgentId, DependencyFailure, RetryRule, Spec, TaskId } from "../../src/core/task.ts";
import { CoreChecker } from "./core-checker.ts";
import { CoreMirror, isFinalState } from "./core-mirror.ts";
import { POLICY_CHOICES } from "./core-ranks.ts";

export interface Step {
  readonly kind: (typeof STEP_KINDS)[number];
  /** Picks everything else. */
  readonly pick: number;
}

/** More often means more likely. */
export const STEP_KINDS = [
  "submit", "submit", "submit", "flow", "flow", "children", "report", "report", "report", "report", "report", "report", "stale",
  "checkpoint", "answer", "cancel", "redrive", "redrive", "join", "join", "leave", "heartbeat", "pause", "resume", "resume", "policy", "fair-share",
  "balancer", "type-limit", "limit", "backoff", "backoff", "time", "time", "time", "restart",
] as const;

const TYPES = ["a", "b", "c"];
const QUEUES = ["default", "other"];
const TENANTS = ["red", "green", "blue"];
const WEIGHTS = { red: 2, green: 1 };
const KEYS = ["key-1", "key-2", "key-3", "key-4"];
/** Each with as many units as its number says. */
const LIMIT_KEYS = ["limit-1", "limit-2", "limit-3"];
const LIMITS = ["gpu", "rate", "money"];
/** For each limit, as it is at first, and what it may become; amounts are at most 2. */
const RULES: Readonly<Record<string, readonly LimitRule[]>> = {
  gpu: [{ kind: "slots", units: 3 }, { kind: "slots", units: 2 }, { kind: "slots", units: 0.6 }, { kind: "window", units: 4, perMs: 20 }],
  rate: [{ kind: "window", units: 4, perMs: 60 }, { kind: "window", units: 2.5, perMs: 60 }, { kind: "window", units: 4, perMs: 25, counts: "end" }, { kind: "window", units: 4, perMs: 60, counts: "end" }],
  money: [{ kind: "budget", units: 5, perMs: 100 }, { kind: "budget", units: 2, perMs: 100 }, { kind: "budget", units: 3, perMs: 70, anchor: 11 }, { kind: "slots", units: 3 }],
};
const AMOUNTS = [1, 1, 0.5, 0.1, 2];
const FAILURES: readonly DependencyFailure[] = ["skip", "continue", "fail"];
/** Its agents are equally fast, so with these nobody waits while an agent is free. */
const BALANCERS = ["round-robin", "least-connections", "weighted", "nearest:measured", "power-of-two:d=3", "earliest-finish", "nonsense"];
const STOP_GRACE_MS = 40;
const START = 1_000;

/** A stream of choices from one number (Lehmer's generator, with Park and Miller's constants, 1988). */
class Choices {
  #state: number;

  constructor(pick: number) {
    this.#state = (Math.abs(pick) % 2147483646) + 1;
  }

  below(limit: number): number {
    this.#state = (this.#state * 48271) % 2147483647;
    return this.#state % limit;
  }

  of<T>(list: readonly T[]): T | undefined {
    return list.length === 0 ? undefined : list[this.below(list.length)];
  }

  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }
}

export class CoreRun {
  readonly mirror = new CoreMirror();
  readonly checker = new CoreChecker(this.mirror, STOP_GRACE_MS);
  readonly journal: string[] = [];
  /** Looks at the scheduler after each turn. */
  onTurn: ((scheduler: Scheduler) => void) | undefined;
  readonly #seed: number;
  readonly #crowd: boolean;
  readonly #specs: Spec[] = [];
  #scheduler: Scheduler;
  #now = START;
  #turn: Turn | undefined;
  /** Events for the next turn, and how many steps it still gathers. */
  #events: Event[] = [];
  #gathers = 0;
  readonly #tokens: { readonly id: TaskId; readonly attempt: number }[] = [];

  /** In a crowd most tasks are of one type and queue and vie for two limit keys and few slots. */
  constructor(seed: number, crowd: boolean) {
    this.#seed = seed;
    this.#crowd = crowd;
    this.#scheduler = new Scheduler({ seed, stopGraceMs: STOP_GRACE_MS, lastTaskId: 0, lastFlowId: 0, lastAgentId: 0 });
  }

  play(steps: readonly Step[]): void {
    this.#apply([...LIMITS.map((name): Event => ({ kind: "limit", name, rule: RULES[name]![0]! })), { kind: "agent-join", agent: agentSpec("first", TYPES, 3) }]);
    for (const step of steps) {
      const choices = new Choices(step.pick);
      if (step.kind === "restart") {
        this.#restart();
        continue;
      }
      if (step.kind === "time") this.#pass(choices);
      else this.#events.push(...this.#eventsOf(step.kind, choices));
      if (this.#gathers > 0) this.#gathers -= 1;
      else {
        this.#flush();
        if (choices.oneIn(3)) this.#gathers = 1 + choices.below(4);
      }
    }
    this.#flush();
  }

  /** No more faults: whoever asks is answered, time passes, and everything must end. */
  settleAll(): void {
    const calm: Event[] = [{ kind: "resume" }, ...QUEUES.map((queue): Event => ({ kind: "resume", queue }))];
    for (const type of TYPES) calm.push({ kind: "type-limit", type, limit: null });
    // Of every limit there is as much again as tasks were promised; but they go on holding.
    for (const name of LIMITS) calm.push({ kind: "limit", name, rule: RULES[name]![0]! });
    calm.push({ kind: "agent-join", agent: agentSpec("helper", TYPES, 5) });
    this.#apply(calm);
    for (let round = 0; round < 2_000 && this.#isUnsettled(); round++) {
      const reports: Event[] = [...this.checker.underWay.values()].map(({ id, attempt }) => ({ kind: "succeed", id, attempt, result: "{}", usage: this.#usage() }));
      const asking = [...this.mirror.rows.values()].filter((row) => row.state === "parked" && row.parkedFor === "answer");
      const answers: Event[] = asking.map((row) => ({ kind: "answer", id: row.id, answer: "{}" }));
      if (reports.length + answers.length === 0) this.#now = Math.max(this.#now, this.#turn?.wakeAt ?? 0);
      this.#apply([...reports, ...answers]);
    }
    this.checker.assertAllEnded();
  }

  #isUnsettled(): boolean {
    return this.checker.underWay.size > 0 || [...this.mirror.rows.values()].some((row) => !isFinalState(row.state));
  }

  #flush(): void {
    const events = this.#events;
    this.#events = [];
    this.#apply(events);
  }

  #apply(events: readonly Event[]): void {
    const turn = this.#scheduler.turn(this.#now, events);
    this.journal.push(journalLine(turn));
    this.onTurn?.(this.#scheduler);
    this.checker.check(this.#now, events, turn, this.#scheduler);
    for (const command of turn.commands) if (command.kind === "start") this.#tokens.push({ id: command.task.id, attempt: command.attempt });
    this.#turn = turn;
  }

  #restart(): void {
    // Events that were not applied are lost with the process.
    this.#events = [];
    this.#gathers = 0;
    const { policies, shared, typeLimits } = this.checker;
    const settings: Event[] = [
      ...[...policies].map(([queue, policy]): Event => ({ kind: "policy", queue, policy })),
      ...[...shared].map((queue): Event => ({ kind: "fair-share", queue, weights: WEIGHTS })),
      ...[...typeLimits].map(([type, limit]): Event => ({ kind: "type-limit", type, limit })),
      ...QUEUES.filter((queue) => this.checker.isPaused(queue)).map((queue): Event => ({ kind: "pause", queue })),
    ];
    for (const [name, rule] of this.checker.limits.rules()) settings.unshift(this.mirror.limitEvent(name, rule));
    this.checker.restarted(this.#now);
    this.#scheduler = this.mirror.restore({ seed: this.#seed, stopGraceMs: STOP_GRACE_MS }, this.#now);
    this.#apply(settings);
  }

  #pass(choices: Choices): void {
    const wakeAt = this.#turn?.wakeAt;
    if (choices.oneIn(2) && wakeAt !== undefined) this.#now = Math.max(this.#now, wakeAt);
    else this.#now += choices.of([0, 1, 1, 5, 20, 60, 200])!;
  }

  #eventsOf(kind: Step["kind"], choices: Choices): Event[] {
    switch (kind) {
      case "submit":
        return [{ kind: "submit", tasks: this.#newTasks(choices, 1 + choices.below(3), false) }];
      case "flow":
        return [{ kind: "submit", tasks: this.#newTasks(choices, 2 + choices.below(6), true), flow: { name: "flow" } }];
      case "children": {
        const by = this.#attempt(choices);
        if (by === undefined) return [];
        // Children that wait for their parent, while it waits for them, would wait for ever: no need or key leads outside.
        const tasks = this.#newTasks(choices, 1 + choices.below(3), choices.oneIn(2)).map(({ key: _key, needs, ...task }) => {
          const inside = needs?.filter((need) => need.kind === "new") ?? [];
          return inside.length === 0 ? task : { ...task, needs: inside };
        });
        return [{ kind: "submit", tasks, by }];
      }
      case "report": {
        const token = this.#attempt(choices);
        return token === undefined ? [] : this.#report(choices, token.id, token.attempt);
      }
      case "stale": {
        const token = choices.of(this.#tokens);
        return token === undefined ? [] : this.#report(choices, token.id, token.attempt);
      }
      case "checkpoint": {
        const token = choices.oneIn(4) ? choices.of(this.#tokens) : this.#attempt(choices);
        return token === undefined ? [] : [{ kind: "checkpoint", ...token, checkpoint: this.#payload(choices) }];
      }
      case "answer": {
        const id = choices.oneIn(4) ? this.#anyTask(choices) : this.#taskIn(choices, ["parked", "running", "queued"]);
        return id === undefined ? [] : [{ kind: "answer", id, answer: this.#payload(choices) }];
      }
      case "cancel":
        return [{ kind: "cancel", select: this.#selection(choices), reason: "user" }];
      case "redrive": {
        // One at a time, as the engine does it: rows read before another redrive would be out of date.
        if (this.#events.some((event) => event.kind === "redrive")) return [];
        const all = [...this.mirror.rows.values()].filter((row) => isFinalState(row.state) && row.state !== "succeeded").map((row) => row.id);
        const ids = [choices.of(all), choices.of(all), choices.oneIn(5) ? this.#anyTask(choices) : undefined].filter((id) => id !== undefined);
        return ids.length === 0 ? [] : [{ kind: "redrive", ids, ...this.mirror.past(ids) }];
      }
      case "join":
        return this.#join(choices);
      case "leave": {
        const id = choices.oneIn(8) ? 99 : choices.of([...this.checker.agents.keys()]);
        return id === undefined ? [] : [{ kind: "agent-leave", id, drain: choices.oneIn(2) }];
      }
      case "heartbeat":
        return [...this.checker.agents.keys()].filter(() => !choices.oneIn(4)).map((id) => ({ kind: "heartbeat", id }));
      case "pause":
      case "resume":
        return [choices.oneIn(3) ? { kind } : { kind, queue: choices.of(QUEUES)! }];
      case "policy":
        return [{ kind: "policy", queue: choices.of(QUEUES)!, policy: choices.of(POLICY_CHOICES)! }];
      case "fair-share":
        return [{ kind: "fair-share", queue: choices.of(QUEUES)!, weights: choices.oneIn(2) ? WEIGHTS : null }];
      case "balancer":
        return [{ kind: "balancer", balancer: choices.of(BALANCERS)! }];
      case "type-limit":
        return [{ kind: "type-limit", type: choices.of(TYPES)!, limit: choices.of([null, 0, 1, 2, 3])! }];
      case "limit": {
        const name = choices.of(LIMITS)!;
        return [{ kind: "limit", name, rule: choices.oneIn(6) ? null : choices.of(RULES[name]!)! }];
      }
      case "backoff": {
        const token = this.#attempt(choices);
        if (token === undefined) return [];
        const retryAfterMs = choices.of([0, 5, 30])!;
        return [{ kind: "backoff", ...token, limit: choices.of([...LIMITS, "nonsense"])!, usage: this.#usage(), ...(retryAfterMs > 0 && { retryAfterMs }) }];
      }
      case "time":
      case "restart":
        return [];
    }
  }

  #join(choices: Choices): Event[] {
    const { agents } = this.checker;
    if (agents.size >= 4 && !choices.oneIn(6)) return [];
    const types = choices.oneIn(2) ? TYPES : TYPES.filter(() => choices.oneIn(2));
    const id: AgentId | undefined = choices.oneIn(3) ? choices.of([1, 2, 3, 4, 5]) : undefined;
    const agent = agentSpec("agent", types, 1 + choices.below(3), choices.oneIn(2) ? 50 + choices.below(100) : undefined);
    return [id === undefined ? { kind: "agent-join", agent } : { kind: "agent-join", agent, id }];
  }

  /** An attempt that really runs, told to stop or not. */
  #attempt(choices: Choices): { readonly id: TaskId; readonly attempt: number } | undefined {
    const one = choices.of([...this.checker.underWay.values()]);
    return one === undefined ? undefined : { id: one.id, attempt: one.attempt };
  }

  #anyTask(choices: Choices): TaskId {
    return 1 + choices.below(this.mirror.rows.size + 2);
  }

  #taskIn(choices: Choices, states: readonly string[]): TaskId | undefined {
    return choices.of([...this.mirror.rows.values()].filter((row) => states.includes(row.state)))?.id;
  }

  #report(choices: Choices, id: TaskId, attempt: number): Event[] {
    const token = { id, attempt, usage: { ...this.#usage(), ...this.#used(choices) } };
    const kind = choices.of(["succeed", "succeed", "succeed", "fail", "fail", "park", "park", "release"] as const)!;
    const checkpoint = choices.oneIn(2) ? { checkpoint: this.#payload(choices) } : {};
    const event = ((): Event => {
      switch (kind) {
        case "succeed":
          return { kind: "succeed", ...token, result: JSON.stringify({ id, attempt }) };
        case "fail":
          return { kind: "fail", ...token, failure: this.#failure(choices) };
        case "park":
          return { kind: "park", ...token, until: choices.oneIn(2) ? "answer" : "children", ...checkpoint };
        case "release":
          return { kind: "release", ...token, ...checkpoint };
      }
    })();
    return choices.oneIn(6) ? [event, event] : [event];
  }

  #payload(choices: Choices): string {
    return JSON.stringify(choices.below(1_000));
  }

  #failure(choices: Choices): Failure {
    const retryable = !choices.oneIn(6);
    const code = { code: "handler_error", error: `"wrong"`, retryable };
    return choices.oneIn(4) ? { ...code, retryAfterMs: choices.below(30) } : code;
  }

  #usage(): Usage {
    return { startedAt: this.#now - 1, cpuMs: 1, peakMemoryBytes: 1, cost: 0 };
  }

  /** Often nothing is said, or less than was reserved, now and then more, or of a limit of which nothing was. */
  #used(choices: Choices): Pick<Usage, "used"> {
    if (choices.oneIn(2)) return {};
    return { used: LIMITS.filter(() => choices.oneIn(2)).map((limit) => ({ limit, amount: choices.of([0, 0.1, 0.5, 1, choices.oneIn(6) ? 3 : 0])! })) };
  }

  #uses(choices: Choices): Pick<NewTask, "uses"> {
    if (!choices.oneIn(this.#crowd ? 2 : 3)) return {};
    const names = LIMITS.filter(() => choices.oneIn(2));
    if (choices.oneIn(20)) names.push("nonsense");
    return { uses: names.map((limit) => ({ limit, amount: choices.of(AMOUNTS)! })) };
  }

  #selection(choices: Choices): Selection {
    const ids = [this.#anyTask(choices), this.#anyTask(choices)];
    const flowIds = [...this.mirror.flows.values()].filter((flow) => flow.finishedAt === null).map((flow) => flow.id);
    const flowId = choices.of(flowIds);
    const running = this.#taskIn(choices, ["running"]);
    const limited = choices.of([...this.mirror.rows.values()].filter((row) => row.state === "queued" && row.limitKey !== null))?.id;
    switch (choices.below(7)) {
      case 0:
        return flowId === undefined ? { ids } : { flowId };
      case 1:
        return { types: [choices.of(TYPES)!], queue: choices.of(QUEUES)!, states: ["queued"] };
      case 2:
        return { states: [choices.of(["running", "parked", "blocked", "scheduled"] as const)!], types: [choices.of(TYPES)!] };
      case 3:
        return { ids: limited === undefined ? ids : [limited] };
      case 4:
        return { ids: running === undefined ? ids : [running] };
      default:
        return { ids };
    }
  }

  #newTasks(choices: Choices, count: number, joined: boolean): NewTask[] {
    return Array.from({ length: count }, (_, index) => this.#newTask(choices, index, count, joined));
  }

  #newTask(choices: Choices, index: number, count: number, joined: boolean): NewTask {
    const needs: Need[] = [];
    if (joined) {
      const earlier = index === 0 ? 0 : choices.below(3);
      for (let tries = 0; tries < earlier; tries++) needs.push({ kind: "new", index: choices.below(index) });
      // Now and then one that comes later, which may close a circle, or one that was there before.
      if (choices.oneIn(12)) needs.push({ kind: "new", index: choices.below(count) });
    }
    if (choices.oneIn(6)) needs.push(this.#need(this.#anyTask(choices)));
    const key = choices.oneIn(4) ? choices.of(KEYS) : undefined;
    const isLimited = this.#crowd ? !choices.oneIn(3) : choices.oneIn(3);
    const limitKey = isLimited ? choices.below(this.#crowd ? 2 : LIMIT_KEYS.length) : undefined;
    const task: NewTask = { spec: this.#spec(choices), input: "{}" };
    return {
      ...task,
      ...(needs.length === 0 ? {} : { needs }),
      ...(key === undefined ? {} : this.#keyed(choices, key)),
      ...(limitKey === undefined ? {} : { limitKey: LIMIT_KEYS[limitKey]!, limitOfKey: limitKey + 1 }),
      ...this.#uses(choices),
      ...(choices.oneIn(6) ? { releaseAt: this.#now + choices.below(60) } : {}),
      ...(choices.oneIn(4) ? { tenant: choices.of(TENANTS)! } : {}),
      ...(choices.oneIn(8) ? { session: choices.of(TENANTS)! } : {}),
      ...(choices.oneIn(3) ? { estimateMs: choices.below(40) } : {}),
      ...(choices.oneIn(8) ? { weight: 1 + choices.below(3) } : {}),
      ...(choices.oneIn(3) ? { dueAt: this.#now + choices.below(120) } : {}),
      ...(choices.oneIn(6) ? { deadlineAt: this.#now + choices.below(120) } : {}),
      ...(choices.oneIn(8) ? { ifLate: choices.of(["refuse", "downgrade"] as const)! } : {}),
      ...(choices.oneIn(10) ? { name: `task ${index}` } : {}),
    };
  }

  /** A finished task that memory has forgotten is looked up in the store before it is named. */
  #need(id: TaskId): Need {
    const state = this.mirror.rows.get(id)?.state;
    const isForgotten = this.#scheduler.task(id) === undefined;
    return state !== undefined && isFinalState(state) && isForgotten ? { kind: "past", id, state } : { kind: "task", id };
  }

  /** What the store knows of the key, as the engine looks it up before it submits. */
  #keyed(choices: Choices, key: string): Partial<NewTask> {
    const row = [...this.mirror.rows.values()].find((one) => one.key === key);
    const rerun = choices.oneIn(2) ? { rerun: true } : {};
    return { key, ...rerun, ...(row === undefined || !isFinalState(row.state) ? {} : { existing: { id: row.id, state: row.state } }) };
  }

  #spec(choices: Choices): Spec {
    const retry: RetryRule = {
      limit: choices.below(3),
      backoff: choices.oneIn(2) ? "fixed" : "exponential",
      delayMs: choices.of([0, 3, 10])!,
      maxDelayMs: 15,
      jitter: choices.of([0, 0.5, 1])!,
      lossLimit: choices.below(3),
    };
    const timeout = choices.oneIn(4) ? { timeoutMs: 5 + choices.below(60) } : {};
    const spec: Spec = {
      id: this.#specs.length + 1,
      type: this.#crowd && !choices.oneIn(8) ? TYPES[0]! : choices.of(TYPES)!,
      queue: this.#crowd && !choices.oneIn(8) ? QUEUES[0]! : choices.of(QUEUES)!,
      priority: 1 + choices.below(4),
      retry,
      onDependencyFailure: choices.of(FAILURES)!,
      ...timeout,
      ...(choices.oneIn(2) ? { preemptible: true } : {}),
    };
    this.#specs.push(spec);
    return spec;
  }
}

function agentSpec(name: string, types: readonly string[], slots: number, heartbeatTimeoutMs?: number): AgentSpec {
  return { name, kind: "function", types, slots, ...(heartbeatTimeoutMs === undefined ? {} : { heartbeatTimeoutMs }) };
}

/** Everything a turn said, as text. */
function journalLine(turn: Turn): string {
  const commands = turn.commands.map((command) => (command.kind === "start" ? { ...command, task: command.task.id } : command));
  const changes = turn.changes.map(({ task, created, ...change }) => ({
    ...change,
    id: task.id,
    created: created !== undefined,
    attempt: task.attempt,
    failures: task.failures,
    losses: task.losses,
    readyAt: task.readyAt,
    releaseAt: task.extra?.releaseAt,
    reason: task.extra?.reason,
  }));
  const notices = turn.notices.map(({ task, ...notice }) => ({ ...notice, id: task.id }));
  return JSON.stringify({ ...turn, commands, changes, notices });
}
