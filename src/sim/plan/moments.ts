/**
 * What is free over time, as a linked list of the moments at which it changes. Finding a start walks the list from a moment that is
 * already known, so it needs no search, and adding a moment moves nothing. Moments at which all slots of a class of
 * agents are taken are stepped over with shortened paths (Tarjan 1975), so a wide flow does not walk through its past again and again.
 */
import type { Work } from "./work.ts";

export const NONE = -1;

export class Moments {
  readonly times: Float64Array;
  readonly next: Int32Array;
  /** Of the last `fit`: where the task would start, the last moment it covers, the one behind it (or NONE), and its end. */
  start = 0;
  last = 0;
  after = NONE;
  end = 0;
  readonly #classes: number;
  /** Classes whose slots are counted: all or none. */
  readonly #counted: number;
  readonly #full: Int32Array;
  readonly #guards: Int32Array;
  readonly #demands: Int32Array;
  readonly #slotWords: Int32Array;
  readonly #slotMasks: Int32Array;
  readonly #free: Int32Array;
  /** For each class of agents and moment: itself, or a later moment when its slots are all taken. */
  readonly #open: Int32Array;
  readonly #room: number;
  /** Whether `put` may be used. */
  readonly isPlain: boolean;
  #count = 0;

  constructor(work: Work) {
    const { packed } = work;
    this.#classes = work.classes;
    this.#counted = work.slotMasks.some((mask) => mask !== 0) ? work.classes : 0;
    this.#full = packed.full;
    this.#guards = packed.guards;
    this.#demands = packed.demands;
    this.#slotWords = work.slotWords;
    this.#slotMasks = work.slotMasks;
    this.isPlain = packed.words === 1 && work.classes === 1 && this.#counted === 0;
    // Every task adds its end and nothing else.
    this.#room = work.size + 1;
    this.times = new Float64Array(this.#room);
    this.next = new Int32Array(this.#room);
    this.#free = new Int32Array(this.#room * packed.words);
    this.#open = new Int32Array(this.#room * work.classes);
  }

  /** Back to one moment, the start, from which all is free. */
  clear(): void {
    this.times[0] = 0;
    this.next[0] = NONE;
    this.#free.set(this.#full);
    for (let kind = 0; kind < this.#counted; kind++) this.#open[kind * this.#room] = 0;
    this.#count = 1;
  }

  /**
   * The earliest start of a task in a class of agents at or after the moment `from`, for a duration over 0, left in `start`, `last`,
   * `after` and `end`.
   * @returns false, when its end would not lie before `limit`
   */
  fit(task: number, kind: number, duration: number, from: number, limit: number): boolean {
    const times = this.times;
    const next = this.next;
    const free = this.#free;
    const guards = this.#guards;
    const words = guards.length;
    const demandAt = (task * this.#classes + kind) * words;
    const demand = this.#demands[demandAt]!;
    const guard = guards[0]!;
    let start = this.#firstOpen(kind, from);
    let end = times[start]! + duration;
    let at = start;
    while (end < limit) {
      // One word is the common case, and by far the most frequent line of the planner.
      if (((free[at * words]! - demand) & guard) === guard && (words === 1 || this.#hasRoom(demandAt, at))) {
        const last = at;
        at = next[at]!;
        if (at === NONE || times[at]! >= end) {
          this.start = start;
          this.last = last;
          this.after = at;
          this.end = end;
          return true;
        }
      } else {
        start = this.#firstOpen(kind, next[at]!);
        end = times[start]! + duration;
        at = start;
      }
    }
    return false;
  }

  /**
   * `fit` and `take` in one, for what a project's time goes into: one class without slots, all resources in one word. Leaves the
   * start in `start`. @returns the moment of the end
   */
  put(task: number, duration: number, from: number): number {
    const times = this.times;
    const next = this.next;
    const free = this.#free;
    const demand = this.#demands[task]!;
    const guard = this.#guards[0]!;
    let start = from;
    let last = from;
    let after = from;
    let end = times[from]! + duration;
    do {
      last = after;
      after = next[after]!;
      if (((free[last]! - demand) & guard) !== guard) {
        start = after;
        end = times[start]! + duration;
      }
    } while (after !== NONE && times[after]! < end);
    if (!this.#isAt(after, end)) after = this.#insert(end, last, after);
    for (let moment = start; moment !== after; moment = next[moment]!) free[moment]! -= demand;
    this.start = start;
    return after;
  }

  /** Takes what the task uses from `start` to `end`, as `fit` left them or as they were kept since. @returns the moment of its end */
  take(task: number, kind: number, start: number, last: number, after: number, end: number): number {
    const finish = this.#isAt(after, end) ? after : this.#insert(end, last, after);
    const next = this.next;
    const free = this.#free;
    const demands = this.#demands;
    const words = this.#guards.length;
    const demandAt = (task * this.#classes + kind) * words;
    if (words === 1) {
      const demand = demands[demandAt]!;
      for (let moment = start; moment !== finish; moment = next[moment]!) free[moment]! -= demand;
    } else {
      for (let moment = start; moment !== finish; moment = next[moment]!) {
        for (let word = 0; word < words; word++) free[moment * words + word]! -= demands[demandAt + word]!;
      }
    }
    if (this.#counted > 0) this.#close(kind, start, finish);
    return finish;
  }

  /** Steps over the moments from now on at which the class has no slot left. */
  #close(kind: number, start: number, finish: number): void {
    const words = this.#guards.length;
    const slotMask = this.#slotMasks[kind]!;
    const slotWord = this.#slotWords[kind]!;
    for (let moment = start; moment !== finish; moment = this.next[moment]!) {
      if ((this.#free[moment * words + slotWord]! & slotMask) === 0) this.#open[kind * this.#room + moment] = this.next[moment]!;
    }
  }

  #isAt(moment: number, time: number): boolean {
    return moment !== NONE && time === this.times[moment];
  }

  #hasRoom(demandAt: number, moment: number): boolean {
    const words = this.#guards.length;
    for (let word = 1; word < words; word++) {
      const guard = this.#guards[word]!;
      if (((this.#free[moment * words + word]! - this.#demands[demandAt + word]!) & guard) !== guard) return false;
    }
    return true;
  }

  #firstOpen(kind: number, from: number): number {
    if (this.#counted === 0) return from;
    const open = this.#open;
    const base = kind * this.#room;
    let at = from;
    while (open[base + at]! !== at) {
      const further = open[base + open[base + at]!]!;
      open[base + at] = further;
      at = further;
    }
    return at;
  }

  #insert(time: number, last: number, after: number): number {
    const moment = this.#count++;
    const words = this.#guards.length;
    this.times[moment] = time;
    this.next[moment] = after;
    this.next[last] = moment;
    for (let word = 0; word < words; word++) this.#free[moment * words + word] = this.#free[last * words + word]!;
    for (let kind = 0; kind < this.#counted; kind++) {
      const base = kind * this.#room;
      this.#open[base + moment] = this.#open[base + last] === last ? moment : after;
    }
    return moment;
  }
}
