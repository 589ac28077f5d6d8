/**
 * The lines and crowds of tasks that wait for room (`lines.ts` says how they stand), and who of them is to be tried next.
 */
import { assert } from "../assert.ts";
import type { Lane, Queue } from "../queue.ts";
import { Heap } from "../struct/heap.ts";
import type { Instant, Task } from "../task.ts";
import type { Timers } from "../timers.ts";
import type { Limit } from "./limit.ts";
import { crowdNameOf, goesBefore, lineNameOf, standingOf, type Aside, type Crowd, type Line } from "./lines.ts";
import { microsOf, ONE_UNIT, type Micros } from "./micros.ts";

/** What limits need of the scheduler. */
export interface LimitContext {
  readonly now: Instant;
  readonly timers: Timers;
}

/** A limit without room for a task, and how much the task needs of it. */
interface Lack {
  readonly limit: Limit;
  readonly amount: Micros;
}

export class Waiting {
  readonly #context: LimitContext;
  readonly #limit: (name: string) => Limit;
  readonly #key: (key: string) => Limit;
  readonly #aside = new Map<Lane, Aside>();
  /** A start in one lane may have let tasks of others come back. */
  freed = false;

  constructor(context: LimitContext, limit: (name: string) => Limit, key: (key: string) => Limit) {
    this.#context = context;
    this.#limit = limit;
    this.#key = key;
  }

  /** The limit that keeps a task of the lane proper from starting: without room for it, or for a better one that waits there. */
  gateOf(task: Task, lane: Lane): Limit | undefined {
    const key = task.extra!.limitKey;
    if (key !== undefined) {
      const limit = this.#key(key);
      if (!limit.hasRoom(ONE_UNIT, this.#context.now)) return limit;
    }
    return (this.#lackOf(task) ?? this.#lackAhead(task, lane, undefined))?.limit;
  }

  /** The same for any waiting task and whoever asks why: it changes nothing. */
  obstacleOf(task: Task, lane: Lane): Limit | undefined {
    const key = task.extra!.limitKey === undefined ? undefined : this.#key(task.extra!.limitKey);
    if (key?.hasRoom(ONE_UNIT, this.#context.now) === false) return key;
    return (this.#lackOf(task) ?? this.#lackAhead(task, lane, undefined, true))?.limit;
  }

  /** A task of the lane proper goes to its line. */
  stepAside(lane: Lane, task: Task): void {
    const line = this.#lineFor(lane, task);
    const best = lane.firstAside(line.name);
    lane.stepAside(line.name, task);
    this.#isGone(line, task);
    // Behind others that find no room it changes nothing: many step aside one after the other.
    if (best !== undefined && lane.firstAside(line.name) === best && (line.crowd === undefined ? line.heldBy : line.crowd.heldBy) !== undefined) return;
    this.#place(line);
    this.#reviewLane(lane);
  }

  /** A task has left its lane: what stands behind it may go now. */
  passOn(lane: Lane, task: Task): void {
    const aside = this.#aside.get(lane);
    if (aside === undefined) return;
    const crowdName = crowdNameOf(task);
    const line = aside.lines.get(lineNameOf(task.extra?.limitKey, crowdName));
    const crowd = crowdName === undefined ? undefined : aside.crowds.get(crowdName);
    if (crowd?.scout === task) crowd.scout = undefined;
    if (line !== undefined) {
      this.#isGone(line, task);
      this.#place(line);
    }
    this.#reviewLane(lane);
  }

  /** There may be room for some of those that wait at the limit. */
  roomGrew(limit: Limit): void {
    if (limit.lines !== undefined) {
      // A line that has to go on waiting is put at the end of the set again.
      const lines = [...limit.lines];
      for (const line of lines) {
        this.#place(line);
        // The best of its crowd now, it holds up others of its lane at other limits than the one before it did.
        if (line.crowd?.lines.peek() === line) this.#reviewLane(line.lane);
      }
    }
    if (limit.crowds !== undefined) for (const crowd of limit.crowds) this.#review(crowd);
  }

  /** A key may be used up now, by a start or because it has fewer units: those with it hold up nobody at other limits any more. */
  keyTaken(key: Limit): void {
    if (key.standing === undefined || key.standing.size === 0 || key.hasRoom(ONE_UNIT, this.#context.now)) return;
    const lines = [...key.standing];
    for (const line of lines) {
      this.#place(line);
      this.#reviewLane(line.lane);
    }
    this.freed = true;
  }

  /** Nobody stands aside in the lanes of a queue any more. */
  forget(queue: Queue): void {
    for (const [lane, { lines }] of this.#aside) {
      if (lane.group.queue !== queue) continue;
      for (const line of lines.values()) this.#drop(line);
    }
  }

  // --- who has room ---

  /** The first limit without room for what a task uses; its key is not asked. */
  #lackOf(task: Task): Lack | undefined {
    const { uses } = task.extra!;
    if (uses === undefined) return undefined;
    for (const use of uses) {
      const limit = this.#limit(use.limit);
      const amount = microsOf(use.amount);
      if (!limit.hasRoom(amount, this.#context.now)) return { limit, amount };
    }
    return undefined;
  }

  /**
   * A limit that the task uses and that has no room for a better one of the same lane, which waits there. `line` is the task's own,
   * if it stands at its head. Who only looks moves no line.
   */
  #lackAhead(task: Task, lane: Lane, line: Line | undefined, onlyLooks = false): Lack | undefined {
    const uses = task.extra!.uses;
    const aside = uses === undefined ? undefined : this.#aside.get(lane);
    if (aside === undefined) return undefined;
    const standing = line ?? standingOf(task, lane);
    for (const crowd of aside.crowds.values()) {
      const ahead = onlyLooks ? this.#seenBestOf(crowd) : this.#bestOf(crowd);
      if (ahead === undefined || ahead === line || !goesBefore(ahead, standing)) continue;
      for (const use of headOf(ahead).extra!.uses!) {
        if (!uses!.some((own) => own.limit === use.limit)) continue;
        const limit = this.#limit(use.limit);
        const amount = microsOf(use.amount);
        if (!limit.hasRoom(amount, this.#context.now)) return { limit, amount };
      }
    }
    return undefined;
  }

  /** The line with the best task of a crowd whose key, if it has one, has a unit free; lines whose key has none go to wait there. */
  #bestOf(crowd: Crowd): Line | undefined {
    for (let line = crowd.lines.peek(); line !== undefined; line = crowd.lines.peek()) {
      const isHere = line.lane.firstAside(line.name) !== undefined;
      if (isHere && (line.key === undefined || line.key.hasRoom(ONE_UNIT, this.#context.now))) return line;
      this.#place(line);
    }
    return undefined;
  }

  /** The same, and every line stays where it is. */
  #seenBestOf(crowd: Crowd): Line | undefined {
    let best: Line | undefined;
    for (const line of crowd.lines.values()) {
      if (line.key?.hasRoom(ONE_UNIT, this.#context.now) === false || line.lane.firstAside(line.name) === undefined) continue;
      if (best === undefined || goesBefore(line, best)) best = line;
    }
    return best;
  }

  // --- who comes next ---

  #reviewLane(lane: Lane): void {
    const aside = this.#aside.get(lane);
    if (aside !== undefined) for (const crowd of aside.crowds.values()) this.#review(crowd);
  }

  /** Sends the best of a crowd back into its lane if there is room for it, unless a better one is on its way already. */
  #review(crowd: Crowd): void {
    const { lane } = crowd;
    const line = this.#bestOf(crowd);
    if (line === undefined) {
      this.#holdsCrowd(crowd, undefined);
      return;
    }
    if (crowd.scout !== undefined && goesBefore(standingOf(crowd.scout, lane), line)) return;
    const best = headOf(line);
    const lack = this.#lackOf(best) ?? this.#lackAhead(best, lane, line);
    this.#holdsCrowd(crowd, lack?.limit);
    if (lack !== undefined) {
      this.#wakeAt(lack);
      return;
    }
    lane.comeBack(line.name);
    crowd.scout = best;
    this.#place(line);
  }

  /** Puts a line where it has to wait now, by the best of its tasks. */
  #place(line: Line): void {
    const { lane, key, crowd } = line;
    this.#lift(line);
    const best = lane.firstAside(line.name);
    if (best === undefined) {
      this.#drop(line);
      return;
    }
    line.rank = lane.asideRank(line.name);
    line.tie = best.id;
    if (key !== undefined && !key.hasRoom(ONE_UNIT, this.#context.now)) {
      (key.lines ??= new Set()).add(line);
      line.heldBy = key;
      key.holds(1, this.#context.now);
    } else if (crowd !== undefined) {
      if (key !== undefined) (key.standing ??= new Set()).add(line);
      crowd.lines.push(line, line.rank, line.tie);
      // Back from its key, it may be the best of the crowd.
      if (crowd.lines.peek() === line) this.#review(crowd);
    } else if (line.scout === undefined || goesBefore(line, standingOf(line.scout, lane))) {
      lane.comeBack(line.name);
      line.scout = best;
    }
  }

  /** Takes a line out of where it waits. */
  #lift(line: Line): void {
    if (line.heapSlot !== -1) {
      line.crowd!.lines.remove(line);
      line.key?.standing?.delete(line);
    }
    if (line.heldBy === undefined) return;
    line.heldBy.lines?.delete(line);
    line.heldBy.holds(-1, this.#context.now);
    line.heldBy = undefined;
  }

  /** Wakes those who wait at a limit when it has room by itself. */
  #wakeAt({ limit, amount }: Lack): void {
    const { now, timers } = this.#context;
    const at = limit.roomAt(amount, now);
    assert(at > now, "a limit without room has room later");
    if (at === Infinity || (limit.timer !== undefined && limit.timer.at <= at)) return;
    timers.cancel(limit.timer);
    limit.timer = timers.set(at, { kind: "room", limit });
  }

  // --- lines and crowds come and go ---

  #isGone(line: Line, task: Task): void {
    if (line.scout === task) line.scout = undefined;
    if (line.crowd?.scout === task) line.crowd.scout = undefined;
  }

  #lineFor(lane: Lane, task: Task): Line {
    let aside = this.#aside.get(lane);
    if (aside === undefined) {
      aside = { lines: new Map(), crowds: new Map() };
      this.#aside.set(lane, aside);
    }
    const crowdName = crowdNameOf(task);
    const name = lineNameOf(task.extra?.limitKey, crowdName);
    let line = aside.lines.get(name);
    if (line === undefined) {
      const key = task.extra!.limitKey;
      const crowd = crowdName === undefined ? undefined : this.#crowdFor(aside, lane, crowdName, task);
      line = { lane, name, key: key === undefined ? undefined : this.#key(key), crowd, rank: 0, tie: 0, scout: undefined, heldBy: undefined, heapSlot: -1 };
      aside.lines.set(name, line);
      if (crowd !== undefined) crowd.lineCount += 1;
    }
    return line;
  }

  #crowdFor(aside: Aside, lane: Lane, name: string, task: Task): Crowd {
    let crowd = aside.crowds.get(name);
    if (crowd === undefined) {
      const limits = task.extra!.uses!.map((use) => this.#limit(use.limit));
      crowd = { lane, name, limits, lines: new Heap(), lineCount: 0, scout: undefined, heldBy: undefined };
      aside.crowds.set(name, crowd);
      for (const limit of limits) (limit.crowds ??= new Set()).add(crowd);
    }
    return crowd;
  }

  #drop(line: Line): void {
    this.#lift(line);
    const aside = this.#aside.get(line.lane);
    if (aside === undefined || !aside.lines.delete(line.name)) return;
    const { crowd } = line;
    if (crowd !== undefined && (crowd.lineCount -= 1) === 0) {
      this.#holdsCrowd(crowd, undefined);
      for (const limit of crowd.limits) limit.crowds?.delete(crowd);
      aside.crowds.delete(crowd.name);
    }
    if (aside.lines.size === 0) this.#aside.delete(line.lane);
  }

  #holdsCrowd(crowd: Crowd, limit: Limit | undefined): void {
    if (crowd.heldBy === limit) return;
    crowd.heldBy?.holds(-1, this.#context.now);
    limit?.holds(1, this.#context.now);
    crowd.heldBy = limit;
  }
}

/** The best task of a line that has one. */
function headOf(line: Line): Task {
  const task = line.lane.firstAside(line.name);
  assert(task !== undefined, "a line in a crowd has tasks");
  return task;
}
