/**
 * Limits are resources: what a task needs of them is reserved when it starts, all or nothing, and settled when its attempt has
 * really ended, so that a limit is never exceeded, not even by an attempt that nobody waits for any more. There are named limits,
 * declared by users, that tasks use by amounts; a key is a limit of slots that its tasks declare themselves; a limit of a type
 * closes whole lanes, so its tasks just wait in them. How the others wait is told in `lines.ts` and done in `waiting.ts`.
 */
import { assert } from "../assert.ts";
import type { Attempt } from "../attempt.ts";
import type { NewTask, Reply } from "../event.ts";
import type { Lane, Queue } from "../queue.ts";
import type { Task, Use } from "../task.ts";
import { Limit, type LimitState, type LimitTotals, type Reservation } from "./limit.ts";
import type { LimitUsage } from "./meter.ts";
import { microsOf, ONE_UNIT } from "./micros.ts";
import { ruleProblem, type LimitRule } from "./rule.ts";
import { Waiting, type LimitContext } from "./waiting.ts";

/** A declared limit of which something changed in a turn, to be kept over a restart. */
export interface LimitChange {
  readonly name: string;
  readonly kept: LimitKept;
}

/** What outlives a restart: what counts of a window or budget, and what the limit has cost so far. */
export interface LimitKept {
  readonly usage?: LimitUsage;
  readonly totals: LimitTotals;
}

class KeyLimit extends Limit {
  /** Live tasks that name it. */
  named = 1;
}

interface TypeLimit {
  units: number;
  used: number;
}

type Refused = Extract<Reply, { kind: "refused" }>;

const NO_CHANGES: readonly LimitChange[] = [];
const NO_RESERVATIONS: readonly Reservation[] = [];
const NO_USES: readonly Use[] = [];

export class Limits {
  readonly #context: LimitContext;
  readonly #types = new Map<string, TypeLimit>();
  readonly #keys = new Map<string, KeyLimit>();
  readonly #named = new Map<string, Limit>();
  readonly #waiting: Waiting;
  /** Whose counts changed in the turn under way. */
  readonly #changed = new Set<Limit>();

  constructor(context: LimitContext) {
    this.#context = context;
    this.#waiting = new Waiting(context, (name) => this.#limit(name), (key) => this.#key(key));
  }

  /** Declares a limit or changes its rule; null lifts it, so that it holds nobody up any more. `kept` is what outlived a restart. */
  declare(name: string, rule: LimitRule | null, kept: LimitKept | undefined): Refused | undefined {
    const problem = rule === null ? undefined : ruleProblem(rule);
    if (problem !== undefined) return { kind: "refused", code: "limit_invalid", detail: `limit ${name}: ${problem}` };
    const limit = this.#limit(name);
    limit.setRule(rule ?? undefined, this.#context.now);
    if (kept !== undefined) limit.load(kept.usage, kept.totals, this.#context.now);
    this.#changed.add(limit);
    this.#waiting.roomGrew(limit);
    return undefined;
  }

  /** What keeps a new task from ever being started; undefined when nothing does. */
  problemOf(task: NewTask): Refused | undefined {
    const uses = task.uses ?? [];
    for (const { limit: name, amount } of uses) {
      const limit = this.#named.get(name);
      const who = task.name ?? task.spec.type;
      if (limit?.rule === undefined) {
        const known = this.names();
        const detail = known.length === 0 ? "no limit is declared" : `declared limits: ${known.join(", ")}`;
        return { kind: "refused", code: "limit_unknown", detail: `${who} uses ${name}; ${detail}` };
      }
      if (!(amount > 0 && amount < Infinity)) return { kind: "refused", code: "use_invalid", detail: `${who} uses ${amount} of ${name}, which is not an amount above 0` };
      if (uses.filter((other) => other.limit === name).length > 1) return { kind: "refused", code: "use_invalid", detail: `${who} uses ${name} twice` };
      if (limit.isOver(microsOf(amount))) return { kind: "refused", code: "use_too_large", detail: `${who} uses ${amount} of ${name}, which has ${limit.rule.units} in all` };
    }
    return undefined;
  }

  /** `running` counts the attempts of the type that are on agents now; null lifts the limit. */
  setType(type: string, units: number | null, running: number): void {
    const limit = this.#types.get(type);
    if (units === null) this.#types.delete(type);
    else if (limit === undefined) this.#types.set(type, { units, used: running });
    else limit.units = units;
  }

  /** A live task names a key; the newest one decides how many units the key has. */
  nameKey(key: string, units: number): void {
    const limit = this.#keys.get(key);
    if (limit === undefined) {
      this.#keys.set(key, new KeyLimit(`key:${key}`, { kind: "slots", units }));
      return;
    }
    limit.named += 1;
    if (limit.rule!.units === units) return;
    limit.setRule({ kind: "slots", units }, this.#context.now);
    this.#waiting.roomGrew(limit);
    this.#waiting.keyTaken(limit);
  }

  /** A task that named a key has settled. Keys come and go without end: one that nobody names or holds is forgotten. */
  unnameKey(key: string): void {
    const limit = this.#key(key);
    limit.named -= 1;
    assert(limit.named >= 0, "a key is named by the task that settles");
    this.#forget(key, limit);
  }

  // --- starts and ends ---

  isTypeUsedUp(type: string): boolean {
    if (this.#types.size === 0) return false;
    const limit = this.#types.get(type);
    return limit !== undefined && limit.used >= limit.units;
  }

  /** The limit that keeps the first task of a lane from starting now; undefined when none does. Type limits, which close whole lanes, are not asked. */
  gateOf(task: Task, lane: Lane): Limit | undefined {
    const { extra } = task;
    if (extra === undefined || (extra.limitKey === undefined && extra.uses === undefined)) return undefined;
    return this.#waiting.gateOf(task, lane);
  }

  /** The same for any waiting task, for those who ask why: it changes nothing. */
  obstacleOf(task: Task, lane: Lane): Limit | undefined {
    const { extra } = task;
    if (extra === undefined || (extra.limitKey === undefined && extra.uses === undefined)) return undefined;
    return this.#waiting.obstacleOf(task, lane);
  }

  /** The first task of a lane leaves it until its limits have room. */
  stepAside(gate: Limit, lane: Lane, task: Task): void {
    gate.refusals += 1;
    this.#waiting.stepAside(lane, task);
  }

  /** An attempt of a task that has just left its lane starts: all that it uses is reserved. */
  take(attempt: Attempt, lane: Lane): void {
    const { task } = attempt;
    const type = this.#types.size === 0 ? undefined : this.#types.get(task.spec.type);
    if (type !== undefined) type.used += 1;
    const { extra } = task;
    if (extra === undefined || (extra.limitKey === undefined && extra.uses === undefined)) return;
    const { now } = this.#context;
    const reserved: Reservation[] = extra.limitKey === undefined ? [] : [this.#key(extra.limitKey).reserve(ONE_UNIT, now)];
    for (const { limit: name, amount } of extra.uses ?? NO_USES) {
      const limit = this.#limit(name);
      reserved.push(limit.reserve(microsOf(amount), now));
      this.#changed.add(limit);
    }
    attempt.reserved = reserved;
    if (extra.limitKey !== undefined) this.#waiting.keyTaken(reserved[0]!.limit);
    this.#waiting.passOn(lane, task);
  }

  /** An attempt runs already, as somebody sees who only looks: it has its key and slots; what it uses of windows and budgets is counted there. */
  adopt(attempt: Attempt): void {
    const { task } = attempt;
    const type = this.#types.get(task.spec.type);
    if (type !== undefined) type.used += 1;
    const { now } = this.#context;
    const { extra } = task;
    const reserved = extra?.limitKey === undefined ? [] : [this.#key(extra.limitKey).adopt(ONE_UNIT, now)];
    for (const { limit: name, amount } of extra?.uses ?? []) {
      const limit = this.#limit(name);
      if (limit.rule?.kind === "slots") reserved.push(limit.adopt(microsOf(amount), now));
    }
    if (reserved.length > 0) attempt.reserved = reserved;
  }

  /** A declared limit; undefined when there is none of the name. */
  named(name: string): Limit | undefined {
    const limit = this.#named.get(name);
    return limit?.rule === undefined ? undefined : limit;
  }

  /** Names of declared limits. */
  names(): readonly string[] {
    return [...this.#named.values()].flatMap(({ name, rule }) => (rule === undefined ? [] : [name]));
  }

  /** Whether starts have let tasks of other queues come back, since the last call. */
  takeFreed(): boolean {
    const { freed } = this.#waiting;
    this.#waiting.freed = false;
    return freed;
  }

  /** An attempt has ended. Of what its agent says nothing about, all that was reserved counts as used. */
  giveBack(attempt: Attempt, used: readonly Use[] | undefined): void {
    const type = this.#types.size === 0 ? undefined : this.#types.get(attempt.task.spec.type);
    if (type !== undefined) {
      assert(type.used > 0, "a type limit has a unit to give back");
      type.used -= 1;
    }
    const reserved = attempt.reserved ?? NO_RESERVATIONS;
    const { now } = this.#context;
    for (const one of reserved) {
      one.limit.settle(one, usedOf(used, one.limit.name), now);
      // Nothing of a key outlives a restart: its tasks name it again.
      if (!(one.limit instanceof KeyLimit)) this.#changed.add(one.limit);
    }
    for (const { limit: name } of used ?? NO_USES) {
      const limit = this.#named.get(name);
      if (limit === undefined || reserved.some((one) => one.limit === limit)) continue;
      limit.charge(usedOf(used, name)!, now);
      this.#changed.add(limit);
    }
    for (const { limit } of reserved) this.#waiting.roomGrew(limit);
    const key = reserved.length === 0 ? undefined : attempt.task.extra?.limitKey;
    if (key !== undefined) this.#forget(key, this.#key(key));
    attempt.reserved = undefined;
  }

  /** An attempt met a "429": the limit shrinks for all. Called before its reservations are given back. */
  backOff(name: string, attempt: Attempt, retryAfterMs: number): void {
    const reservation = attempt.reserved?.find(({ limit }) => limit.name === name);
    this.#named.get(name)?.shrink(reservation, attempt.assignedAt, this.#context.now, retryAfterMs);
  }

  /** A waiting task is gone from its lane, whether it stood aside or not. */
  passOn(lane: Lane, task: Task): void {
    const { extra } = task;
    if (extra?.limitKey !== undefined || extra?.uses !== undefined) this.#waiting.passOn(lane, task);
  }

  /** All that waited aside in a queue is back in its lanes. */
  allCameBack(queue: Queue): void {
    this.#waiting.forget(queue);
  }

  /** The timer of a limit fired: some of it has come free. */
  timeCame(limit: Limit): void {
    limit.timer = undefined;
    this.#waiting.roomGrew(limit);
  }

  // --- what is told of it ---

  /** Named limits first, then those of types and of keys. */
  list(): LimitState[] {
    const { now } = this.#context;
    const types = [...this.#types].map(([type, { units, used }]) => typeState(type, units, used));
    return [...this.#states(this.#named.values(), now), ...types, ...this.#states(this.#keys.values(), now)];
  }

  /** Hands out what changed since the last call. */
  takeChanges(): readonly LimitChange[] {
    if (this.#changed.size === 0) return NO_CHANGES;
    const changes: LimitChange[] = [];
    const { now } = this.#context;
    for (const limit of this.#changed) {
      if (limit.rule === undefined || this.#named.get(limit.name) !== limit) continue;
      const usage = limit.usage(now);
      changes.push({ name: limit.name, kept: { ...(usage !== undefined && { usage }), totals: limit.totals(now) } });
    }
    this.#changed.clear();
    return changes;
  }

  #states(limits: Iterable<Limit>, now: number): LimitState[] {
    return [...limits].flatMap((limit) => limit.state(now) ?? []);
  }

  /** One that is used before it is declared (by tasks that were taken back before the settings were) holds nobody up. */
  #limit(name: string): Limit {
    let limit = this.#named.get(name);
    if (limit === undefined) {
      limit = new Limit(name);
      this.#named.set(name, limit);
    }
    return limit;
  }

  #key(key: string): KeyLimit {
    const limit = this.#keys.get(key);
    assert(limit !== undefined, "a limit key is known while a task names or holds it");
    return limit;
  }

  #forget(key: string, limit: KeyLimit): void {
    if (limit.named === 0 && limit.isFree) this.#keys.delete(key);
  }
}

/** Several reports of one limit count together. */
function usedOf(used: readonly Use[] | undefined, name: string): number | undefined {
  let sum: number | undefined;
  for (const { limit, amount } of used ?? []) if (limit === name) sum = (sum ?? 0) + amount;
  return sum === undefined ? undefined : microsOf(Math.max(0, sum));
}

function typeState(type: string, units: number, used: number): LimitState {
  const none = { perMs: undefined, nextRoomAt: undefined, isHolding: used >= units, refusals: 0, holdingMs: 0, wasteUnitMs: 0, overused: 0, shrinks: 0 };
  return { name: `type:${type}`, kind: "slots", used, reserved: used, units, declaredUnits: units, ...none };
}
