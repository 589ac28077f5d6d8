/**
 * A rehearsal: the scheduler's next decisions played through on expected durations, from the state as it is and without touching
 * it (list scheduling: Graham 1969). It follows `step/dispatch.ts`: queues take turns, fair share, the best lane, limits; what ends
 * frees slots and lets go what needs it. It leaves out what cannot be known (later submissions, failures, agents that come) and
 * what would take the agents' own state: it picks the fastest free agent, and never preempts.
 *
 * With exact estimates, equal agents and nothing new, it tells the real starts to the last bit (`test/property/foresight.test.ts`).
 * Cost: O(log n) a start for the tasks looked at, however many wait; it stops after a number of starts, and what it saw of the pace
 * is left for an extrapolation.
 */
import { speedOf, type Agent } from "../agent.ts";
import type { Attempt } from "../attempt.ts";
import { crowdNameOf, lineNameOf } from "../limits/lines.ts";
import type { RankContext } from "../policy/policy.ts";
import { Heap, type HeapItem } from "../struct/heap.ts";
import type { HeapWalk } from "../struct/heap-walk.ts";
import { firstReadyAt, isFinal, type Instant, type Task } from "../task.ts";
import { emptyExtra, TaskRecord } from "../task-record.ts";
import type { Timer } from "../timers.ts";
import type { World } from "../world.ts";
import { RehearsedQueue, type RehearsedGroup, type RehearsedLane } from "./rehearsed-queue.ts";
import { Rooms } from "./rooms.ts";
import { ranksAsSeen } from "./ranks.ts";

/** A task starts in the rehearsal. */
export interface RehearsedStart {
  readonly startAt: Instant;
  /** Expected end. */
  readonly finishAt: Instant;
  /** Starts of the rehearsal before it. */
  readonly startsBefore: number;
}

type Happening = HeapItem & ({ readonly kind: "end"; readonly task: Task; readonly agent: Agent; readonly attempt: Attempt | undefined } | { readonly kind: "release"; readonly task: Task } | { readonly kind: "room" });

const NO_GROUPS: ReadonlySet<RehearsedGroup> = new Set();

export class Rehearsal {
  /** Starts so far, and when the last one was. */
  starts = 0;
  now: Instant;
  readonly #world: World;
  readonly #ranks: RankContext;
  readonly #queues = new Map<string, RehearsedQueue>();
  readonly #free = new Map<Agent, number>();
  readonly #rooms: Rooms;
  readonly #newQueuesPaused: boolean;
  readonly #happenings = new Heap<Happening>();
  /** Needs that are still open, of tasks of which one has ended meanwhile; the same for children. */
  readonly #needsOpen = new Map<Task, number>();
  readonly #childrenOpen = new Map<Task, number>();
  readonly #followers = new Map<Task, Task[]>();
  readonly #releases: HeapWalk<Timer>;
  /** Instants at which windows and budgets are looked at. */
  readonly #wakes = new Set<Instant>();
  #happened = 0;
  #matches = 0;
  #queueTurns: number;

  /** `asIfResumed`: paused queues count as resumed now, which is the best that can happen to what waits in them. */
  constructor(world: World, asIfResumed = false) {
    this.#world = world;
    this.#newQueuesPaused = world.allPaused && !asIfResumed;
    this.#ranks = ranksAsSeen(world);
    this.#rooms = new Rooms(world);
    this.now = world.now;
    this.#queueTurns = world.queueTurns;
    this.#releases = world.timers.walkReleases();
    for (const [name, queue] of world.queues) this.#queues.set(name, new RehearsedQueue(queue, queue.paused && !asIfResumed, this.#ranks));
    for (const agent of world.fleet.all()) {
      this.#free.set(agent, agent.free);
      for (const attempt of agent.attempts) this.#plan(this.#endOf(attempt), { kind: "end", task: attempt.task, agent, attempt, heapSlot: -1 });
    }
    this.#expectRoom();
  }

  /** What stands aside already comes back when its windows and budgets have room. */
  #expectRoom(): void {
    for (const { aside } of this.#lanes()) {
      for (const { first } of aside.values()) {
        const gate = first === undefined ? undefined : this.#rooms.gateOf(first, this.now);
        if (gate !== undefined && gate.roomAt < Infinity) this.#wakeAt(gate.roomAt);
      }
    }
  }

  /** A task that is not in the queues: one on trial, or one that waits for its release time. */
  expect(task: Task, at: Instant): void {
    if (at > this.now) this.#plan(at, { kind: "release", task, heapSlot: -1 });
    else this.#arrive(task);
  }

  /** A task on trial needs another one, which knows nothing of it. Its own `needsOpen` counts them. */
  follow(trial: Task, needed: Task): void {
    const followers = this.#followers.get(needed);
    if (followers === undefined) this.#followers.set(needed, [trial]);
    else followers.push(trial);
  }

  /** Plays on until each of the tasks has started, nothing happens any more, or there were so many starts. Tells the starts of the tasks. */
  play(watched: ReadonlySet<Task>, startLimit: number): Map<Task, RehearsedStart> {
    const found = new Map<Task, RehearsedStart>();
    for (;;) {
      this.#match(watched, found, startLimit);
      if (found.size === watched.size || this.starts >= startLimit) return found;
      const at = Math.min(this.#happenings.firstKey, this.#releases.key);
      if (at === Infinity) return found;
      this.#passTime(at);
    }
  }

  #passTime(at: Instant): void {
    this.now = Math.max(this.now, at);
    for (; this.#releases.key <= this.now; this.#releases.pass()) {
      const { due } = this.#releases.item!;
      if (due.kind === "release") this.#arrive(due.task);
    }
    while (this.#happenings.firstKey <= this.now) this.#happen(this.#happenings.pop()!);
  }

  #plan(at: Instant, happening: Happening): void {
    this.#happenings.push(happening, at, this.#happened++);
  }

  /** An attempt that was told to stop ends soon; how soon is its agent's matter. */
  #endOf(attempt: Attempt): Instant {
    return attempt.stopping === undefined && attempt.task.run === attempt ? this.#world.endsAt(attempt) : this.#world.now;
  }

  #happen(happening: Happening): void {
    if (happening.kind === "room") {
      this.#wakeAll();
      return;
    }
    const { task } = happening;
    if (happening.kind === "release") {
      this.#arrive(task);
      return;
    }
    const { agent, attempt } = happening;
    if (!agent.draining) this.#free.set(agent, this.#free.get(agent)! + 1);
    this.#rooms.giveBack(task, this.now);
    this.#wakeAfter(task);
    if (attempt?.charged !== undefined) this.#settleCharge(attempt);
    if (attempt !== undefined && attempt.task.run !== attempt) return;
    if (attempt?.stopping !== undefined) this.#arrive(task);
    else this.#succeed(task);
  }

  /** Starts so far of the tasks with which a task shares its turn. */
  startsBeside(task: Task): number {
    const queue = this.#queues.get(task.spec.queue);
    return queue?.groups.get(queue.fairShare === undefined ? "" : (task.extra?.tenant ?? ""))?.starts ?? 0;
  }

  /** What waits for what a task had of its limits is to be tried. */
  #wakeAfter({ extra }: Task): void {
    if (extra?.limitKey === undefined && extra?.uses === undefined) return;
    if (this.#rooms.hasNamed) this.#wakeAll();
    else if (extra.limitKey !== undefined) for (const lane of this.#lanes()) lane.comeBack(lineNameOf(extra.limitKey, undefined));
  }

  /** The best of each line is tried; those behind it follow when it starts. */
  #wakeAll(): void {
    for (const lane of this.#lanes()) for (const gate of lane.aside.keys()) lane.comeBack(gate);
  }

  *#lanes(): Iterable<RehearsedLane> {
    for (const queue of this.#queues.values()) for (const group of queue.groups.values()) yield* group.lanes;
  }

  /** A task is gone from its lane: the next of its line gets its chance. */
  #passOn(task: Task, lane: RehearsedLane): void {
    const { extra } = task;
    if (extra?.limitKey !== undefined || extra?.uses !== undefined) lane.comeBack(lineNameOf(extra.limitKey, crowdNameOf(task)));
  }

  #settleCharge(attempt: Attempt): void {
    const { group, ms, weights, share } = attempt.charged!;
    if (share !== group.queue.fairShare) return;
    const queue = this.#queues.get(group.queue.name);
    const rehearsed = queue?.groups.get(group.tenant);
    const tookMs = (this.now - attempt.assignedAt) * speedOf(attempt.agent, attempt.task.spec.type);
    if (rehearsed !== undefined) queue!.fairShare?.settle(rehearsed, tookMs - ms, weights);
  }

  /** What needed it may go on. */
  #succeed(task: Task): void {
    const { extra } = task;
    for (const follower of this.#followers.get(task) ?? []) this.#needEnds(follower);
    if (extra === undefined) return;
    // Those of a task on trial are known as its followers already.
    if (this.#world.tasks.get(task.id) === task) for (const dependent of extra.dependents ?? []) this.#needEnds(dependent);
    const { parent } = extra;
    if (parent?.state !== "parked" || parent.extra?.parkedFor !== "children") return;
    const open = (this.#childrenOpen.get(parent) ?? parent.extra.childrenOpen) - 1;
    this.#childrenOpen.set(parent, open);
    if (open === 0) this.#arrive(parent);
  }

  #needEnds(dependent: Task): void {
    if (dependent.state !== "blocked") return;
    const open = (this.#needsOpen.get(dependent) ?? dependent.extra?.needsOpen ?? 0) - 1;
    this.#needsOpen.set(dependent, open);
    if (open === 0) this.expect(dependent, dependent.extra?.releaseAt ?? 0);
  }

  #arrive(task: Task): void {
    const name = task.spec.queue;
    let queue = this.#queues.get(name);
    if (queue === undefined) this.#queues.set(name, (queue = new RehearsedQueue(undefined, this.#newQueuesPaused, this.#ranks)));
    queue.arrive(task, asReleased(task, this.now));
  }

  #match(watched: ReadonlySet<Task>, found: Map<Task, RehearsedStart>, startLimit: number): void {
    this.#matches += 1;
    const open = [...this.#queues.values()].filter((queue) => !queue.paused && queue.waiting > 0).sort((a, b) => a.lastTurn - b.lastTurn);
    for (let at = 0; open.length > 0 && this.starts < startLimit; ) {
      const queue = open[at]!;
      const started = this.#startNext(queue);
      if (started === undefined) open.splice(at, 1);
      else {
        // As in dispatch: with one queue there are no turns to count.
        if (this.#queues.size > 1) queue.lastTurn = ++this.#queueTurns;
        at += 1;
        if (watched.has(started.task)) found.set(started.task, { startAt: this.now, finishAt: started.finishAt, startsBefore: this.starts - 1 });
        if (found.size === watched.size) return;
      }
      if (at >= open.length) at = 0;
    }
  }

  #startNext(queue: RehearsedQueue): { readonly task: Task; readonly finishAt: Instant } | undefined {
    const { fairShare } = queue;
    if (fairShare === undefined) return this.#startOf(queue.groups.get("")!);
    let passed: Set<RehearsedGroup> | undefined;
    for (;;) {
      const group = fairShare.next(queue.groups.values(), passed ?? NO_GROUPS);
      if (group === undefined) return undefined;
      const started = this.#startOf(group);
      if (started !== undefined) return started;
      (passed ??= new Set()).add(group);
    }
  }

  #startOf(group: RehearsedGroup): { readonly task: Task; readonly finishAt: Instant } | undefined {
    for (;;) {
      const lane = this.#bestLane(group);
      if (lane === undefined) return undefined;
      const task = lane.line.first!;
      if ((task.extra?.deadlineAt ?? Infinity) <= this.now) {
        lane.line.take();
        group.waiting -= 1;
        this.#passOn(task, lane);
        continue;
      }
      const gate = this.#rooms.gateOf(task, this.now);
      if (gate !== undefined) {
        lane.stepAside(gate.name);
        if (gate.roomAt < Infinity) this.#wakeAt(gate.roomAt);
        continue;
      }
      const ahead = task.extra?.uses === undefined ? undefined : this.#aheadOf(task, lane);
      if (ahead !== undefined) {
        lane.stepAside(ahead);
        continue;
      }
      return { task, finishAt: this.#start(task, lane) };
    }
  }

  /** The line of a task, if a better one stands in it that finds no room: it is not overtaken. */
  #aheadOf(task: Task, { line, aside }: RehearsedLane): string | undefined {
    const name = lineNameOf(task.extra?.limitKey, crowdNameOf(task));
    const own = aside.get(name);
    if (own?.first === undefined || own.firstKey > line.firstKey || (own.firstKey === line.firstKey && own.firstTie > line.firstTie)) return undefined;
    return this.#rooms.gateOf(own.first, this.now) === undefined ? undefined : name;
  }

  #wakeAt(at: Instant): void {
    if (this.#wakes.has(at)) return;
    this.#wakes.add(at);
    this.#plan(at, { kind: "room", heapSlot: -1 });
  }

  #start(task: Task, lane: RehearsedLane): Instant {
    const { line, group } = lane;
    const { queue } = group;
    const remainingMs = this.#world.remainingMs(task);
    queue.fairShare?.charge(queue.groups.values(), group, remainingMs);
    line.take();
    group.waiting -= 1;
    this.#rooms.take(task, this.now);
    this.#passOn(task, lane);
    const agent = this.#pick(task.spec.type)!;
    this.#free.set(agent, this.#free.get(agent)! - 1);
    this.starts += 1;
    group.starts += 1;
    const finishAt = this.now + remainingMs / speedOf(agent, task.spec.type);
    this.#plan(finishAt, { kind: "end", task, agent, attempt: undefined, heapSlot: -1 });
    return finishAt;
  }

  #bestLane({ lanes, queue }: RehearsedGroup): RehearsedLane | undefined {
    let best: RehearsedLane | undefined;
    for (const lane of lanes) {
      if (lane.line.size === 0 || lane.closedIn === this.#matches) continue;
      if (queue.policy.sessions !== undefined) lane.refresh(queue.policy, this.#ranks);
      if (best !== undefined && !lane.goesBefore(best)) continue;
      if (this.#hasFree(lane.type) && !this.#rooms.isTypeUsedUp(lane.type)) best = lane;
      else lane.closedIn = this.#matches;
    }
    return best;
  }

  #hasFree(type: string): boolean {
    return this.#world.fleet.able(type).some((agent) => this.#free.get(agent)! > 0);
  }

  /** The fastest with a free slot; of equals the one with most room, then the lowest id. */
  #pick(type: string): Agent | undefined {
    let best: Agent | undefined;
    for (const agent of this.#world.fleet.able(type)) {
      const free = this.#free.get(agent)!;
      if (free <= 0) continue;
      const gain = best === undefined ? 1 : speedOf(agent, type) - speedOf(best, type);
      if (gain > 0 || (gain === 0 && free > this.#free.get(best!)!)) best = agent;
    }
    return best;
  }
}

/** The task as it will stand in its queue when it is released at that instant: ranks look at when. */
export function asReleased(task: Task, at: Instant): Task {
  if (isFinal(task.state) || task.state === "queued") return task;
  const as = new TaskRecord(task.id, task.spec, "queued", task.attempt, at);
  const before = firstReadyAt(task);
  as.extra = before === 0 ? task.extra : { ...emptyExtra(), ...task.extra, firstReadyAt: before };
  return as;
}
