// An independent account of named limits: it remembers every reservation and every use with its instants, and adds them up anew
// whenever it is asked, by the words of docs/limits.md and with none of the core's code.
import assert from "node:assert/strict";
import type { Event } from "../../src/core/event.ts";
import type { LimitRule } from "../../src/core/limits/rule.ts";
import type { Scheduler } from "../../src/core/scheduler.ts";
import type { Instant, Use } from "../../src/core/task.ts";
import { exact } from "./doubles.ts";

const RECOVERY_MS = 60_000;
const micros = (units: number): number => Math.round(units * 1e6);

interface Held {
  readonly limit: string;
  readonly amount: number;
  at: Instant;
  /** Counts the starts of all attempts. */
  readonly order: number;
}

interface Used {
  readonly at: Instant;
  readonly amount: number;
}

interface Account {
  rule: LimitRule | undefined;
  used: Used[];
  /** What a back-off left, until when it stays so, and which starts came before it. */
  shrunk: { readonly to: number; readonly until: Instant; readonly order: number; readonly at: Instant } | undefined;
}

export class LimitsAccount {
  readonly #accounts = new Map<string, Account>();
  /** By attempt. */
  readonly #held = new Map<string, Held[]>();
  #order = 0;

  rules(): readonly (readonly [name: string, rule: LimitRule])[] {
    return [...this.#accounts].flatMap(([name, { rule }]) => (rule === undefined ? [] : [[name, rule] as const]));
  }

  declared(now: Instant, name: string, rule: LimitRule | null): void {
    const account = this.#accounts.get(name) ?? { rule: undefined, used: [], shrunk: undefined };
    this.#accounts.set(name, account);
    const before = account.rule;
    account.rule = rule ?? undefined;
    if (rule === null) account.used = [];
    else if (before === undefined || rule.kind !== before.kind) account.used = [];
    else if (rule.kind === "budget" && before.kind === "budget" && (rule.perMs !== before.perMs || rule.anchor !== before.anchor)) {
      account.used = account.used.filter(({ at }) => periodOf(before, at) === periodOf(before, now)).map(({ amount }) => ({ at: now, amount }));
    } else if (rule.kind === "window" && before.kind === "window" && (rule.perMs !== before.perMs || rule.counts !== before.counts)) {
      account.used = account.used.filter(({ at }) => !hasPassed(at, before.perMs, now));
    } else return;
    // Counted anew, what is reserved is reserved now.
    for (const held of this.#allHeld(name)) held.at = now;
  }

  started(now: Instant, token: string, uses: readonly Use[]): void {
    this.#order += 1;
    this.#held.set(token, uses.map(({ limit, amount }) => ({ limit, amount: micros(amount), at: now, order: this.#order })));
  }

  ended(now: Instant, token: string, reported: readonly Use[] | undefined): void {
    const held = this.#held.get(token) ?? [];
    this.#held.delete(token);
    for (const { limit, amount, at } of held) {
      const account = this.#accounts.get(limit)!;
      const used = reported?.some((use) => use.limit === limit) === true ? micros(sum(reported.filter((use) => use.limit === limit).map((use) => use.amount))) : amount;
      const isOfStart = account.rule?.kind === "window" && account.rule.counts !== "end";
      if (isOfStart) account.used.push({ at, amount: Math.min(used, amount) }, { at: now, amount: Math.max(0, used - amount) });
      else account.used.push({ at: now, amount: used });
    }
    for (const { limit, amount } of reported ?? []) {
      if (!held.some((one) => one.limit === limit)) this.#accounts.get(limit)?.used.push({ at: now, amount: micros(amount) });
    }
  }

  backedOff(now: Instant, event: Extract<Event, { kind: "backoff" }>, startedAt: Instant): void {
    const account = this.#accounts.get(event.limit);
    if (account?.rule === undefined) return;
    const held = this.#held.get(`${event.id}:${event.attempt}`)?.find(({ limit }) => limit === event.limit);
    const units = micros(account.rule.units);
    const { shrunk } = account;
    const isNew = shrunk === undefined || (held === undefined ? startedAt > shrunk.at : held.order > shrunk.order);
    const before = this.#capacity(account, now);
    const to = Math.min(before, Math.max(1e6, Math.floor(units / 64), Math.floor(before / 2)));
    if (isNew) account.shrunk = { to, until: now, order: this.#order, at: now };
    const until = now + (event.retryAfterMs ?? 0);
    const last = account.shrunk!;
    if (until > last.until) account.shrunk = { ...last, to: this.#capacity(account, now), until };
  }

  /** Whoever ran may have used all that was reserved; back-offs are forgotten. */
  restarted(now: Instant): void {
    for (const token of this.#held.keys()) {
      for (const { limit, amount, at } of this.#held.get(token)!) {
        const account = this.#accounts.get(limit)!;
        const isOfStart = account.rule?.kind === "window" && account.rule.counts !== "end";
        account.used.push({ at: isOfStart ? at : now, amount });
      }
    }
    this.#held.clear();
    for (const account of this.#accounts.values()) account.shrunk = undefined;
  }

  /** Limits among `uses` without room for them. */
  lacking(now: Instant, uses: readonly Use[]): readonly string[] {
    return uses.filter(({ limit, amount }) => !this.#hasRoom(now, limit, micros(amount))).map(({ limit }) => limit);
  }

  /** Why a submission is refused. */
  problem(uses: readonly Use[]): string | undefined {
    for (const { limit, amount } of uses) {
      const rule = this.#accounts.get(limit)?.rule;
      if (rule === undefined) return "limit_unknown";
      if (amount > rule.units) return "use_too_large";
    }
    return undefined;
  }

  /** The scheduler's own figures are these. */
  assertSame(now: Instant, scheduler: Scheduler): void {
    const states = new Map(scheduler.limits().map((state) => [state.name, state]));
    for (const [name, account] of this.#accounts) {
      const state = states.get(name);
      assert.equal(state === undefined, account.rule === undefined, `limit ${name} is declared or not`);
      if (state === undefined) continue;
      assert.equal(micros(state.used), this.#taken(now, name, account), `used of ${name}`);
      assert.equal(micros(state.reserved), sum(this.#allHeld(name).map(({ amount }) => amount)), `reserved of ${name}`);
      assert.equal(micros(state.units), this.#capacity(account, now), `units of ${name}`);
      assert.ok(state.units <= state.declaredUnits, `${name} never has more than declared`);
    }
  }

  #hasRoom(now: Instant, name: string, amount: number): boolean {
    const account = this.#accounts.get(name);
    return account?.rule === undefined || this.#taken(now, name, account) + amount <= this.#capacity(account, now);
  }

  #capacity({ rule, shrunk }: Account, now: Instant): number {
    const units = micros(rule!.units);
    if (shrunk === undefined) return units;
    return Math.min(units, shrunk.to + Math.floor((units * Math.max(0, now - shrunk.until)) / RECOVERY_MS));
  }

  #taken(now: Instant, name: string, { rule, used }: Account): number {
    const held = sum(this.#allHeld(name).map(({ amount }) => amount));
    const counts = ({ at }: Used): boolean => {
      if (rule!.kind === "window") return !hasPassed(at, rule!.perMs, now);
      return rule!.kind === "budget" && periodOf(rule!, at) === periodOf(rule!, now);
    };
    return held + sum(used.filter(counts).map(({ amount }) => amount));
  }

  #allHeld(name: string): Held[] {
    return [...this.#held.values()].flat().filter(({ limit }) => limit === name);
  }
}

/** Periods begin at whole ms, so the fraction of an instant is of no account; and nothing is rounded among whole numbers. */
function periodOf(rule: Extract<LimitRule, { kind: "budget" }>, at: Instant): number {
  return Math.floor((Math.floor(at) - (rule.anchor ?? 0)) / rule.perMs);
}

/** Whether so much time lies between two instants, as the numbers are: neither their sum nor their difference need be a double. */
function hasPassed(since: Instant, ms: number, now: Instant): boolean {
  // Rounding changes the order of two numbers only where it makes them the same.
  return now - since === ms ? exact(now) - exact(since) >= exact(ms) : now - since > ms;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
