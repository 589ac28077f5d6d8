/**
 * An app for tests: in memory, on a clock that the test moves. What takes hours with `open` takes a moment here, and the same
 * test gives the same order of events each time.
 */
import type { App } from "../app/app.ts";
import { openOn, type AppOptions } from "../app/open.ts";
import { createMemoryStore } from "../store/memory/memory-store.ts";
import type { Store } from "../store/store.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface TestOptions extends AppOptions {
  /** Default: a new one that starts at 2030-01-01. Given again, with the same store, it goes on after a restart. */
  readonly clock?: VirtualClock;
  /** Default: a new one in memory. */
  readonly store?: Store;
}

export interface TestApp {
  readonly app: App;
  readonly clock: VirtualClock;
  /** Lets so much virtual time pass. */
  advance(ms: number): Promise<void>;
  /**
   * Lets time pass until no task is left that time alone would move: backoffs and release times run out, `clock.sleep` of
   * handlers ends. Time stands still while a handler does something real; a handler that hangs until its time-out needs
   * `advance`.
   */
  runUntilIdle(): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Rejects like `open`. */
export async function openForTest(options: TestOptions = {}): Promise<TestApp> {
  const { clock = new VirtualClock(), store = createMemoryStore(), limits, ...rest } = options;
  // Nobody else writes to the store: looking for requests four times a virtual second would only take real time.
  const app = await openOn({ watchdogMs: 0, ...rest, limits: { requestEveryMs: Infinity, ...limits }, clock, agentClock: clock.forAgents, store });
  return new OpenTest(app, clock);
}

class OpenTest implements TestApp {
  readonly app: App;
  readonly clock: VirtualClock;
  #closing: Promise<void> | undefined;

  constructor(app: App, clock: VirtualClock) {
    this.app = app;
    this.clock = clock;
  }

  advance(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  async runUntilIdle(): Promise<void> {
    for (;;) {
      await this.clock.settle();
      const { queued, running, scheduled } = this.app.counts();
      if (running === 0 && queued === 0 && scheduled === 0) return;
      const dueAt = this.clock.nextDueAt(running > 0);
      if (dueAt !== undefined) await this.clock.advance(dueAt - this.clock.now());
      else if (running === 0) return;
    }
  }

  /** Closes at once. What a handler that is stopped still waits for on the clock comes to pass. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    let isClosed = false;
    const closed = this.app.close({ mode: "now" }).finally(() => (isClosed = true));
    for (;;) {
      await this.clock.settle();
      if (isClosed) break;
      const dueAt = this.clock.nextDueAt(false);
      if (dueAt !== undefined) await this.clock.advance(dueAt - this.clock.now());
    }
    await closed;
  }
}
