/**
 * Virtual time: a queue of events from one seed. Firing one takes no time; between two of them every promise that can go on
 * goes on. Processes on it can be killed (none of their events fires any more) or frozen (they fire after the thaw), and each
 * sees a wall clock that may be stepped while its timers go on evenly, as on a real machine.
 */
import type { Clock, Timer } from "../../src/engine/clock.ts";
import type { Random } from "./random.ts";

/** Any instant will do; this one is in November 2026. */
export const START = 1_795_000_000_000;

interface Pending extends Timer {
  readonly at: number;
  /** Order among events of one instant. */
  readonly tie: number;
  readonly owner: SimProcess | undefined;
  run: (() => void) | undefined;
}

export class VirtualTime {
  /** Goes on evenly; nobody but the tests sees it. */
  now = START;
  /** What the wall clock shows more than that. */
  wallOffset = 0;
  fired = 0;
  readonly #random: Random;
  readonly #heap: Pending[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  get wall(): number {
    return this.now + this.wallOffset;
  }

  /** Fires once, `delayMs` from now; events of one instant fire in an order drawn from the seed. */
  after(delayMs: number, run: () => void, owner?: SimProcess, tie = 0.5 + this.#random.next() / 2): Timer {
    const pending: Pending = { at: this.now + Math.max(0, delayMs), tie, owner, run, cancel: () => (pending.run = undefined) };
    push(this.#heap, pending);
    return pending;
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** Fires events until none is left, `done` says so, or the next one lies beyond `until`. */
  async run(until: number, done: () => boolean): Promise<void> {
    await settle();
    for (let next = this.#heap[0]; next !== undefined && next.at <= until && !done(); next = this.#heap[0]) {
      pop(this.#heap);
      if (next.run === undefined || next.owner?.isDead === true) continue;
      if (next.owner?.isFrozen === true) {
        next.owner.hold(next.run);
        continue;
      }
      this.now = Math.max(this.now, next.at);
      this.fired += 1;
      const { run } = next;
      next.run = undefined;
      run();
      await settle();
    }
  }
}

/** A process of the simulated machine: an engine with its agents. */
export class SimProcess {
  isDead = false;
  isFrozen = false;
  readonly clock: Clock;
  readonly #time: VirtualTime;
  readonly #held: (() => void)[] = [];

  constructor(time: VirtualTime, random: Random) {
    this.#time = time;
    this.clock = {
      now: () => time.wall,
      after: (delayMs, run) => time.after(delayMs, run, this),
      // Before any timer of the same instant, but in any order among what else happens then.
      soon: (run) => void time.after(0, run, this, random.next() / 2),
    };
  }

  kill(): void {
    this.isDead = true;
    this.#held.length = 0;
  }

  freeze(): void {
    this.isFrozen = true;
  }

  hold(run: () => void): void {
    this.#held.push(run);
  }

  /** Everything that was held up happens now, in order. */
  thaw(): void {
    this.isFrozen = false;
    const held = this.#held.splice(0);
    held.forEach((run, index) => this.#time.after(0, run, this, index * 1e-9));
  }
}

/** Resolves when every promise that could go on has gone on: a tick comes after the last microtask. */
function settle(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function before(a: Pending, b: Pending): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}

function push(heap: Pending[], item: Pending): void {
  let at = heap.length;
  while (at > 0) {
    const up = (at - 1) >> 1;
    if (!before(item, heap[up]!)) break;
    heap[at] = heap[up]!;
    at = up;
  }
  heap[at] = item;
}

function pop(heap: Pending[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let down = at * 2 + 1;
    if (down >= heap.length) break;
    if (down + 1 < heap.length && before(heap[down + 1]!, heap[down]!)) down += 1;
    if (!before(heap[down]!, last)) break;
    heap[at] = heap[down]!;
    at = down;
  }
  heap[at] = last;
}
