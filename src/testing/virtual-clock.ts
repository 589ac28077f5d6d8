/**
 * A clock that stands still until it is told to go on, so that time-outs, backoffs and release times can be tested without
 * waiting. Timers run in order of time, and of setting where that is equal; between them everything that follows without
 * waiting (promises, the event loop) is let happen.
 */
import type { Clock, Timer } from "../engine/clock.ts";

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  /** It alone is no reason to let time pass: housekeeping that goes on for ever. */
  readonly unref: boolean;
  /** A running attempt waits for it. */
  readonly work: boolean;
}

/** Turns of the event loop after which whatever can happen without time passing has happened; a store or a pool may be a thread away. */
const QUIET_TURNS = 3;

export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<Pending>();
  /** The same time for agents, whose timers are part of the work. */
  readonly forAgents: Clock;

  /** @param startAt ms since 1970; default 2030-01-01T00:00:00Z */
  constructor(startAt = Date.UTC(2030, 0, 1)) {
    this.#now = startAt;
    this.forAgents = { now: this.now, soon: this.soon, after: (delayMs, run, unref) => this.#set(delayMs, run, unref ?? false, true) };
  }

  readonly now = (): number => this.#now;

  readonly soon = (run: () => void): void => queueMicrotask(run);

  after(delayMs: number, run: () => void, unref = false): Timer {
    return this.#set(delayMs, run, unref, false);
  }

  /** For handlers: resolves when so much virtual time has passed. Rejects with the signal's reason when that is aborted first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason);
      const timer = this.#set(delayMs, () => resolve(), false, true);
      signal?.addEventListener("abort", () => {
        timer.cancel();
        reject(signal.reason);
      }, { once: true });
    });
  }

  /** Lets so much time pass, timer by timer. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.settle();
    for (let next = this.#next(() => true); next !== undefined && next.at <= until; next = this.#next(() => true)) {
      this.#fire(next);
      await this.settle();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** When the next timer is due that is a reason to let time pass; with `workOnly`, one that a running attempt waits for. */
  nextDueAt(workOnly: boolean): number | undefined {
    return this.#next((timer) => !timer.unref && (timer.work || !workOnly))?.at;
  }

  /** Resolves when what can happen without time passing, and without anything outside this thread, has happened. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < QUIET_TURNS; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
  }

  #set(delayMs: number, run: () => void, unref: boolean, work: boolean): Timer {
    const timer: Pending = { at: this.#now + Math.max(0, delayMs), order: ++this.#order, run, unref, work };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  #next(which: (timer: Pending) => boolean): Pending | undefined {
    let next: Pending | undefined;
    for (const timer of this.#timers) {
      if (!which(timer)) continue;
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }

  #fire(timer: Pending): void {
    this.#timers.delete(timer);
    this.#now = Math.max(this.#now, timer.at);
    timer.run();
  }
}
