// An independent judge of the scheduler: it sees what every driver sees (events in, turns out) and keeps its own account of agents,
// attempts, limits and queues, by the rules of the design and none of the core's code. Each turn is held against that account.
import assert from "node:assert/strict";
import type { AgentSpec } from "../../src/core/agent.ts";
import type { EndedAttempt } from "../../src/core/change.ts";
import type { Command, Event, Reply, Turn, Usage } from "../../src/core/event.ts";
import type { Scheduler } from "../../src/core/scheduler.ts";
import type { AgentId, Instant, TaskId, TaskState } from "../../src/core/task.ts";
import { isFinalState, type CoreMirror, type Row } from "./core-mirror.ts";
import { LimitsAccount } from "./limits-account.ts";
import { isPreemptive, rankUnder } from "./core-ranks.ts";
import { doubleBefore } from "./doubles.ts";

/** The states that may follow a state, in any number of steps, without a redrive. */
const FOLLOWS: Readonly<Record<TaskState, readonly TaskState[]>> = {
  blocked: ["scheduled", "queued", "running", "skipped", "cancelled", "expired", "failed", "succeeded", "parked"],
  scheduled: ["queued", "running", "cancelled", "expired", "failed", "succeeded", "parked"],
  queued: ["scheduled", "running", "cancelled", "expired", "failed", "succeeded", "parked"],
  running: ["scheduled", "queued", "parked", "succeeded", "failed", "cancelled", "expired"],
  parked: ["scheduled", "queued", "running", "succeeded", "failed", "cancelled", "expired"],
  succeeded: [],
  failed: [],
  cancelled: [],
  expired: [],
  shed: [],
  skipped: [],
};

/** Longer than any window, period or recovery. */
const FOR_EVER_MS = 1_000_000;

interface UnderWay {
  readonly id: TaskId;
  readonly attempt: number;
  readonly agentId: AgentId;
  readonly assignedAt: Instant;
  readonly row: Row;
  stoppedAt: Instant | undefined;
  preempted: boolean;
}

interface KnownAgent {
  readonly spec: AgentSpec;
  draining: boolean;
  heardAt: Instant;
}

type Start = Extract<Command, { kind: "start" }>;

export class CoreChecker {
  readonly mirror: CoreMirror;
  readonly #stopGraceMs: number;
  /** What really runs, by token. */
  readonly underWay = new Map<string, UnderWay>();
  readonly agents = new Map<AgentId, KnownAgent>();
  readonly policies = new Map<string, string>();
  /** Queues under fair share. */
  readonly shared = new Set<string>();
  readonly typeLimits = new Map<string, number>();
  readonly limits = new LimitsAccount();
  readonly #started = new Set<string>();
  readonly #ended = new Set<string>();
  /** Tasks that ran again after they had settled. */
  readonly #redriven = new Set<TaskId>();
  /** Tasks that ran when the engine died, until the first turn after. */
  readonly #lostAtRestart = new Set<TaskId>();
  readonly #paused = new Map<string, boolean>();
  #allPaused = false;
  #draining = false;
  #wakeAt: Instant | undefined;

  constructor(mirror: CoreMirror, stopGraceMs: number) {
    this.mirror = mirror;
    this.#stopGraceMs = stopGraceMs;
  }

  isPaused(queue: string): boolean {
    return this.#paused.get(queue) ?? this.#allPaused;
  }

  /** The engine died and its agents with it. What was set (pauses, policies, limits) is set anew by events. */
  restarted(now: Instant): void {
    this.limits.restarted(now);
    for (const row of this.mirror.rows.values()) if (row.state === "running") this.#lostAtRestart.add(row.id);
    for (const token of this.underWay.keys()) this.#ended.add(token);
    this.underWay.clear();
    this.agents.clear();
    this.policies.clear();
    this.shared.clear();
    this.typeLimits.clear();
    this.#paused.clear();
    this.#allPaused = false;
    this.#draining = false;
    // Whatever was lost comes with the first turn.
    this.#wakeAt = 0;
  }

  check(now: Instant, events: readonly Event[], turn: Turn, scheduler: Scheduler): void {
    const before = new Map(this.mirror.rows);
    assert.equal(turn.replies.length, events.length, "one reply for each event");
    this.mirror.write(turn);
    this.mirror.assertSame(scheduler);
    this.#changesAreLawful(before, events, turn);
    this.#reportsAreFenced(before, now, events, turn);
    this.#timePasses(now);
    events.forEach((event, index) => this.#happened(now, event, turn.replies[index]!));
    const starts = turn.commands.filter((command) => command.kind === "start");
    this.#stopsAreKnown(now, before, turn.commands);
    this.#startsAreInOrder(now, before, starts);
    this.#nothingIsOverdue(now);
    this.#wakesForRoom(now, turn.wakeAt);
    this.limits.assertSame(now, scheduler);
    this.#wakeAt = turn.wakeAt;
    this.#lostAtRestart.clear();
    assert.ok(turn.wakeAt === undefined || turn.wakeAt > now, "whatever is due has happened");
    assert.equal(scheduler.attemptsUnderWay, this.underWay.size, "attempts under way");
    assert.deepEqual(scheduler.agents().map((agent) => agent.id).sort(byNumber), [...this.agents.keys()].sort(byNumber), "agents");
  }

  /** At the end of everything: nothing lives, and every attempt that began has ended once. */
  assertAllEnded(): void {
    for (const row of this.mirror.rows.values()) assert.ok(isFinalState(row.state), `task ${row.id} ends; it is ${row.state}`);
    for (const token of this.#started) assert.ok(this.#ended.has(token), `attempt ${token} was seen to end`);
    assert.equal(this.underWay.size, 0, "nothing runs");
  }

  #changesAreLawful(before: ReadonlyMap<TaskId, Row>, events: readonly Event[], turn: Turn): void {
    const redrives = events.some((event) => event.kind === "redrive");
    // A redrive may also call back a task that has settled in the same turn, by time or by an event before it.
    if (redrives) for (const { task } of turn.changes) this.#redriven.add(task.id);
    for (const change of turn.changes) {
      const { id } = change.task;
      const row = this.mirror.rows.get(id)!;
      const was = before.get(id);
      let from: TaskState = was?.state ?? "blocked";
      if (redrives && this.#redriven.has(id) && !isFinalState(from)) from = "blocked";
      if (isFinalState(from)) {
        assert.ok(redrives && from !== "succeeded", `task ${id} settled as ${from} and changes only by a redrive`);
        from = "blocked";
      }
      assert.ok(row.state === from || FOLLOWS[from].includes(row.state), `task ${id} may not go from ${from} to ${row.state}`);
      for (const ended of change.ended ?? []) {
        const token = `${id}:${ended.attempt}`;
        assert.ok(this.#started.has(token), `attempt ${token} ended, so it was started`);
        assert.ok(!this.#ended.has(token), `attempt ${token} ends once`);
        this.#ended.add(token);
      }
      if (!this.#redriven.has(id)) this.#countsAreRight(was, row, change.ended ?? []);
      if (row.state !== was?.state) this.#settledForAReason(row);
    }
  }

  /** Failures and losses count what ended so, and one too many is the end. */
  #countsAreRight(was: Row | undefined, row: Row, ended: readonly EndedAttempt[]): void {
    const failures = ended.filter(({ outcome }) => outcome === "failed" || outcome === "timeout").length;
    const losses = ended.filter(({ outcome }) => outcome === "lost").length + (this.#lostAtRestart.has(row.id) ? 1 : 0);
    assert.equal(row.failures, (was?.failures ?? 0) + failures, `failures of task ${row.id}`);
    assert.equal(row.losses, (was?.losses ?? 0) + losses, `losses of task ${row.id}`);
    const { limit, lossLimit } = row.spec.retry;
    if (!isFinalState(row.state)) assert.ok(row.failures <= limit && row.losses <= lossLimit, `task ${row.id} has had its attempts`);
  }

  #settledForAReason(row: Row): void {
    const needs = (row.needs ?? []).map((id) => this.mirror.rows.get(id)!);
    if (row.state === "skipped") {
      assert.notEqual(row.spec.onDependencyFailure, "continue");
      assert.ok(needs.some((need) => (isFinalState(need.state) && need.state !== "succeeded") || this.#redriven.has(need.id)), `task ${row.id} is skipped because of one it needs`);
    }
    if (row.state === "failed") {
      assert.ok(row.failures > 0 || row.losses > row.spec.retry.lossLimit, `task ${row.id} failed for a reason`);
      assert.notEqual(row.error, undefined, `task ${row.id} failed with an error`);
    }
    if (isFinalState(row.state) && row.state !== "succeeded") assert.notEqual(row.reason, null, `task ${row.id} has a reason`);
  }

  /** Only the token of the running attempt is believed, and it is believed at once. */
  #reportsAreFenced(before: ReadonlyMap<TaskId, Row>, now: Instant, events: readonly Event[], turn: Turn): void {
    const believed = new Set<TaskId>();
    const accepted = { result: new Map<TaskId, string>(), checkpoint: new Map<TaskId, string>(), answer: new Map<TaskId, string>() };
    events.forEach((event, index) => {
      const done = turn.replies[index]!.kind === "done";
      if (event.kind === "answer" && done) accepted.answer.set(event.id, event.answer);
      if (event.kind !== "succeed" && event.kind !== "fail" && event.kind !== "park" && event.kind !== "release" && event.kind !== "checkpoint") return;
      const was = before.get(event.id);
      const runs = was?.state === "running" && was.attempt === event.attempt && !believed.has(event.id);
      const nothingElse = index === 0 && (this.#wakeAt === undefined || this.#wakeAt > now);
      if (done) assert.ok(runs, `attempt ${event.attempt} of task ${event.id} is stale and was believed`);
      else if (nothingElse) assert.ok(!runs, `attempt ${event.attempt} of task ${event.id} runs and was refused`);
      if (!done) return;
      if (event.kind === "succeed") accepted.result.set(event.id, event.result);
      if ("checkpoint" in event && event.checkpoint !== undefined) accepted.checkpoint.set(event.id, event.checkpoint);
      if (event.kind !== "checkpoint") believed.add(event.id);
    });
    for (const { task, result, checkpoint, answer, state } of turn.changes) {
      assert.equal(result, accepted.result.get(task.id), `the result of task ${task.id} is the one accepted`);
      assert.equal(result !== undefined, state === "succeeded", `task ${task.id} has a result when it succeeds`);
      assert.equal(checkpoint, accepted.checkpoint.get(task.id), `the checkpoint of task ${task.id} is the last one accepted`);
      assert.equal(answer, accepted.answer.get(task.id), `the answer for task ${task.id} is the last one accepted`);
    }
    const changed = new Set(turn.changes.map(({ task }) => task.id));
    for (const id of [...accepted.checkpoint.keys(), ...accepted.answer.keys()]) assert.ok(changed.has(id), `task ${id} got something and changed`);
    for (const id of accepted.result.keys()) assert.equal(this.mirror.rows.get(id)!.state, "succeeded", `task ${id} succeeded`);
  }

  #timePasses(now: Instant): void {
    for (const [token, one] of this.underWay) {
      if (one.stoppedAt !== undefined && one.stoppedAt + this.#stopGraceMs <= now) this.#over(now, token, undefined);
    }
    for (const [id, { spec, heardAt }] of this.agents) {
      if (spec.heartbeatTimeoutMs !== undefined && heardAt + spec.heartbeatTimeoutMs <= now) this.#gone(now, id);
    }
  }

  #over(now: Instant, token: string, usage: Usage | undefined): void {
    const one = this.underWay.get(token);
    if (one === undefined) return;
    this.underWay.delete(token);
    this.limits.ended(now, token, usage?.used);
    const agent = this.agents.get(one.agentId);
    if (agent?.draining === true && this.#load(one.agentId) === 0) this.agents.delete(one.agentId);
  }

  #gone(now: Instant, id: AgentId): void {
    this.agents.delete(id);
    for (const [token, one] of this.underWay) {
      if (one.agentId !== id) continue;
      this.underWay.delete(token);
      this.limits.ended(now, token, undefined);
    }
  }

  #load(id: AgentId): number {
    let load = 0;
    for (const one of this.underWay.values()) if (one.agentId === id) load += 1;
    return load;
  }

  #happened(now: Instant, event: Event, reply: Reply): void {
    if (reply.kind === "refused") {
      if (event.kind === "succeed" || event.kind === "fail" || event.kind === "park" || event.kind === "release" || event.kind === "backoff") this.#over(now, `${event.id}:${event.attempt}`, event.usage);
      if (event.kind === "submit" && (reply.code === "limit_unknown" || reply.code === "use_too_large")) {
        assert.ok(event.tasks.some((task) => this.limits.problem(task.uses ?? []) === reply.code), `a submission is refused for a reason: ${reply.code}`);
      }
      return;
    }
    switch (event.kind) {
      case "succeed":
      case "fail":
      case "park":
      case "release":
      case "backoff":
        if (event.kind === "backoff") this.limits.backedOff(now, event, this.underWay.get(`${event.id}:${event.attempt}`)!.assignedAt);
        this.#over(now, `${event.id}:${event.attempt}`, event.usage);
        break;
      case "agent-join":
        assert.equal(reply.kind, "joined");
        if (reply.kind !== "joined") break;
        if (event.id !== undefined) this.#gone(now, event.id);
        assert.ok(!this.agents.has(reply.agentId), "a new agent has an id of its own");
        this.agents.set(reply.agentId, { spec: event.agent, draining: false, heardAt: now });
        break;
      case "agent-leave":
        if (event.drain && this.#load(event.id) > 0) this.agents.get(event.id)!.draining = true;
        else this.#gone(now, event.id);
        break;
      case "heartbeat":
        this.agents.get(event.id)!.heardAt = now;
        break;
      case "pause":
      case "resume":
        if (event.queue === undefined) {
          this.#paused.clear();
          this.#allPaused = event.kind === "pause";
        } else this.#paused.set(event.queue, event.kind === "pause");
        break;
      case "fair-share":
        if (event.weights === null) this.shared.delete(event.queue);
        else this.shared.add(event.queue);
        break;
      case "policy":
        this.policies.set(event.queue, event.policy);
        break;
      case "type-limit":
        if (event.limit === null) this.typeLimits.delete(event.type);
        else this.typeLimits.set(event.type, event.limit);
        break;
      case "limit":
        this.limits.declared(now, event.name, event.rule);
        break;
      case "drain":
        this.#draining = true;
        break;
      case "submit":
        this.#submitted(event, reply);
        break;
      case "checkpoint":
      case "answer":
      case "cancel":
      case "redrive":
      case "balancer":
      case "distances":
      case "tick":
        break;
    }
  }

  #submitted(event: Extract<Event, { kind: "submit" }>, reply: Reply): void {
    if (reply.kind !== "submitted") return;
    assert.equal(reply.ids.length, event.tasks.length);
    event.tasks.forEach((task, index) => {
      const row = this.mirror.rows.get(reply.ids[index]!);
      assert.ok(row !== undefined, "a submitted task exists");
      if (reply.duplicates.includes(index)) return;
      assert.equal(row.spec, task.spec);
      assert.equal(this.limits.problem(task.uses ?? []), undefined, "what a task uses is declared and there");
    });
  }

  #stopsAreKnown(now: Instant, before: ReadonlyMap<TaskId, Row>, commands: readonly Command[]): void {
    for (const command of commands) {
      if (command.kind !== "stop") continue;
      const token = `${command.id}:${command.attempt}`;
      assert.ok(this.#started.has(token), `attempt ${token} is told to stop, so it was started`);
      const one = this.underWay.get(token);
      if (one !== undefined && command.reason === "preempted") this.#preemptionIsLawful(before, one);
      if (one !== undefined && (command.reason === "cancelled" || command.reason === "timeout" || command.reason === "expired")) one.stoppedAt ??= now;
    }
  }

  /** Starts one after the other, each held against what could have started instead; after the last one nothing could. */
  #startsAreInOrder(now: Instant, before: ReadonlyMap<TaskId, Row>, starts: readonly Start[]): void {
    const waiting = new Map<TaskId, Row>();
    for (const row of this.mirror.rows.values()) if (row.state === "queued") waiting.set(row.id, row);
    for (const { task } of starts) waiting.set(task.id, this.mirror.rows.get(task.id)!);
    for (const start of starts) {
      const row = waiting.get(start.task.id)!;
      this.#startIsLawful(now, before.get(row.id), row, start);
      for (const other of waiting.values()) {
        if (other.spec.queue !== row.spec.queue || !this.#goesBefore(other, row)) continue;
        assert.ok(!this.#couldStart(now, other, waiting), `task ${other.id} should have started before task ${row.id}`);
      }
      const ahead = this.#heldUpBy(now, row, waiting);
      assert.equal(ahead, undefined, `task ${row.id} overtakes task ${ahead?.id}, which waits at a limit that both use`);
      waiting.delete(row.id);
      const token = `${row.id}:${start.attempt}`;
      assert.ok(!this.#started.has(token), `attempt ${token} starts once`);
      this.#started.add(token);
      this.underWay.set(token, { id: row.id, attempt: start.attempt, agentId: start.agentId, assignedAt: now, row, stoppedAt: undefined, preempted: false });
      this.limits.started(now, token, row.uses ?? []);
    }
    for (const row of waiting.values()) assert.ok(!this.#couldStart(now, row, waiting), `task ${row.id} could start and was left waiting`);
  }

  #startIsLawful(now: Instant, was: Row | undefined, row: Row, start: Start): void {
    assert.equal(row.state, "running");
    assert.equal(start.attempt, (was?.attempt ?? 0) + 1, `attempts of task ${row.id} count up`);
    assert.equal(start.attempt, row.attempt);
    assert.equal(start.assignedAt, now);
    assert.ok(!this.#draining, "nothing starts while draining");
    assert.ok(!this.isPaused(row.spec.queue), `task ${row.id} starts in a paused queue`);
    assert.ok(row.releaseAt === null || row.releaseAt <= now, `task ${row.id} starts before its release`);
    for (const id of row.needs ?? []) this.#needIsMet(row, this.mirror.rows.get(id)!);
    const agent = this.agents.get(start.agentId);
    assert.ok(agent !== undefined && !agent.draining && agent.spec.types.includes(row.spec.type), `agent ${start.agentId} takes task ${row.id}`);
    assert.ok(this.#load(start.agentId) < agent.spec.slots, `agent ${start.agentId} has a slot free`);
    assert.deepEqual(this.limits.lacking(now, row.uses ?? []), [], `task ${row.id} finds room`);
    assert.ok(this.#hasUnits(row), `task ${row.id} finds a unit of its limits`);
  }

  /** What was settled once has counted, even if it runs again since. */
  #needIsMet(row: Row, need: Row): void {
    if (this.#redriven.has(need.id)) return;
    assert.ok(isFinalState(need.state), `task ${row.id} starts before task ${need.id} that it needs is final`);
    if (row.spec.onDependencyFailure === "continue" || this.#redriven.has(row.id)) return;
    assert.equal(need.state, "succeeded", `task ${row.id} starts although task ${need.id} that it needs did not succeed`);
  }

  #hasUnits(row: Row): boolean {
    let ofType = 0;
    let ofKey = 0;
    for (const one of this.underWay.values()) {
      if (one.row.spec.type === row.spec.type) ofType += 1;
      if (row.limitKey !== null && one.row.limitKey === row.limitKey) ofKey += 1;
    }
    return ofType < (this.typeLimits.get(row.spec.type) ?? Infinity) && (row.limitKey === null || ofKey < (row.limitOfKey ?? 1));
  }

  /** One of the same lane that goes before it, the best of those that use the same limits and whose key is free, and waits at a limit that it uses. */
  #heldUpBy(now: Instant, row: Row, waiting: ReadonlyMap<TaskId, Row>): Row | undefined {
    const bests = new Map<string, Row>();
    for (const other of waiting.values()) {
      if (other === row || other.spec.queue !== row.spec.queue || other.spec.type !== row.spec.type || !this.#isKeyFree(other)) continue;
      const set = JSON.stringify((other.uses ?? []).map(({ limit }) => limit).sort());
      const best = bests.get(set);
      if (best === undefined || this.#goesBefore(other, best)) bests.set(set, other);
    }
    for (const best of bests.values()) {
      const lacking = this.#goesBefore(best, row) ? this.limits.lacking(now, best.uses ?? []) : [];
      if (lacking.some((name) => row.uses?.some(({ limit }) => limit === name))) return best;
    }
    return undefined;
  }

  /** Where the order is not known, whoever shares a limit without room may be the one ahead. */
  #mayBeHeldUp(now: Instant, row: Row, waiting: ReadonlyMap<TaskId, Row>): boolean {
    if (row.uses === null || row.uses === undefined) return false;
    if (!this.shared.has(row.spec.queue) && rankUnder(this.#policyOf(row)) !== undefined) return this.#heldUpBy(now, row, waiting) !== undefined;
    return [...waiting.values()].some((other) => other !== row && this.limits.lacking(now, other.uses ?? []).some((name) => row.uses!.some(({ limit }) => limit === name)));
  }

  #isKeyFree(row: Row): boolean {
    if (row.limitKey === null) return true;
    let count = 0;
    for (const one of this.underWay.values()) if (one.row.limitKey === row.limitKey) count += 1;
    return count < (row.limitOfKey ?? 1);
  }

  /** A task that only time keeps from starting is looked at in time. */
  #wakesForRoom(now: Instant, wakeAt: Instant | undefined): void {
    const waiting = new Map([...this.mirror.rows].filter(([, row]) => row.state === "queued"));
    const lastBefore = wakeAt === undefined ? now + FOR_EVER_MS : doubleBefore(wakeAt);
    for (const row of waiting.values()) {
      const isFree = !this.#draining && !this.isPaused(row.spec.queue) && this.#hasUnits(row) && this.#hasAgent(row);
      if (!isFree || (row.uses ?? []).length === 0 || this.#mayBeHeldUp(now, row, waiting)) continue;
      // While nothing else happens room only grows, so that there was none at any instant before.
      assert.notDeepEqual(this.limits.lacking(lastBefore, row.uses!), [], `task ${row.id} has room at ${lastBefore}, and the next turn is at ${wakeAt}`);
    }
  }

  #couldStart(now: Instant, row: Row, waiting: ReadonlyMap<TaskId, Row>): boolean {
    if (this.#draining || this.isPaused(row.spec.queue) || !this.#hasUnits(row)) return false;
    if (this.limits.lacking(now, row.uses ?? []).length > 0 || this.#mayBeHeldUp(now, row, waiting)) return false;
    return this.#hasAgent(row);
  }

  #hasAgent(row: Row): boolean {
    for (const [id, { spec, draining }] of this.agents) {
      if (!draining && spec.types.includes(row.spec.type) && this.#load(id) < spec.slots) return true;
    }
    return false;
  }

  #goesBefore(a: Row, b: Row): boolean {
    const rank = this.shared.has(a.spec.queue) ? undefined : rankUnder(this.#policyOf(a));
    return rank !== undefined && (rank(a) < rank(b) || (rank(a) === rank(b) && a.id < b.id));
  }

  #policyOf(row: Row): string {
    return this.policies.get(row.spec.queue) ?? "priority";
  }

  /** Only what may be preempted is, once, and only for something of its queue that waits and ranks before it. */
  #preemptionIsLawful(before: ReadonlyMap<TaskId, Row>, one: UnderWay): void {
    const { row } = one;
    assert.equal(row.spec.preemptible, true, `task ${row.id} may be preempted`);
    assert.ok(!one.preempted, `task ${row.id} is asked to give way once`);
    one.preempted = true;
    const policy = this.#policyOf(row);
    const rank = isPreemptive(policy) ? rankUnder(policy) : undefined;
    // What waited when the turn began may have expired in it, after a slice of the same instant.
    const waited = (other: Row): boolean => other.state === "queued" || before.get(other.id)?.state === "queued";
    const waiting = [...this.mirror.rows.values()].filter((other) => other.spec.queue === row.spec.queue && waited(other));
    assert.ok(waiting.some((other) => rank === undefined || rank(other) < rank(row)), `task ${row.id} gives way to something that waits and goes before it`);
  }

  #nothingIsOverdue(now: Instant): void {
    const waitsForChild = new Set<TaskId>();
    for (const row of this.mirror.rows.values()) if (row.parentId !== null && !isFinalState(row.state)) waitsForChild.add(row.parentId);
    for (const row of this.mirror.rows.values()) {
      if (isFinalState(row.state)) continue;
      assert.ok(row.deadlineAt === null || row.deadlineAt > now, `task ${row.id} is past its deadline and ${row.state}`);
      if (row.state === "scheduled") assert.ok(row.releaseAt !== null && row.releaseAt > now, `task ${row.id} is due for release`);
      if (row.state === "blocked") {
        assert.ok(row.needs!.some((id) => !isFinalState(this.mirror.rows.get(id)!.state)), `task ${row.id} is blocked by something`);
      }
      if (row.state === "parked") {
        assert.ok(row.parkedFor === "answer" || waitsForChild.has(row.id), `task ${row.id} waits for children`);
      }
      if (row.state !== "running") continue;
      const one = this.underWay.get(`${row.id}:${row.attempt}`);
      assert.ok(one !== undefined && one.stoppedAt === undefined, `task ${row.id} is running on an agent`);
      assert.ok(one.assignedAt + (row.spec.timeoutMs ?? Infinity) > now, `task ${row.id} is past its time-out`);
    }
  }
}

function byNumber(a: number, b: number): number {
  return a - b;
}
