/**
 * Queues, their groups and lanes. A queue is what users name and set a policy for. Under fair share it has a group for each
 * tenant, else a single one. In a group each task type has a lane, since a task can only go to an agent that does its type and
 * must not hold up others while none is free. Each lane is one heap by rank, and beside it a heap for each limit whose tasks have
 * stepped aside until there is room (`limits/`), and one of what runs and may be preempted.
 */
import { assert } from "./assert.ts";
import type { Attempt } from "./attempt.ts";
import type { FairShare } from "./fair-share.ts";
import { Heap, type HeapItem } from "./struct/heap.ts";
import { SessionHeap } from "./session-heap.ts";
import { ShareOrder } from "./share-order.ts";
import { DEFAULT_POLICY } from "./policy/policies.ts";
import type { Policy, RankContext } from "./policy/policy.ts";
import type { Task } from "./task.ts";

/** Waiting tasks by rank. */
export type TaskHeap = Heap<Task> | SessionHeap;

export class Lane {
  readonly group: Group;
  readonly type: string;
  /** Tasks to be tried, best first. */
  heap: TaskHeap;
  /** Running attempts that may be preempted, the first to go first. Empty under policies that do not preempt. */
  readonly preemptible = new Heap<Attempt>();
  /** Attempts that were asked to give way and have not ended. */
  readonly leaving = new Set<Attempt>();
  /** The turn in which nothing more can start from it. */
  closedIn = -1;
  readonly #aside = new Map<string, Heap<Task>>();

  constructor(group: Group, type: string) {
    this.group = group;
    this.type = type;
    this.heap = this.#emptyHeap();
  }

  /** The policy is another one. The lane must be empty. */
  renew(): void {
    assert(this.heap.size === 0, "an order is changed before tasks are in it");
    if (this.heap instanceof SessionHeap) this.heap.isLeft = true;
    this.heap = this.#emptyHeap();
  }

  push(task: Task): void {
    const { queue } = this.group;
    this.group.count(1);
    this.heap.push(task, queue.policy.rank(task, queue.ranks), task.id);
    if (this.heap.peek() === task) this.group.changed();
  }

  /** Takes a waiting task out, wherever in the lane it waits. */
  remove(task: Task): void {
    this.group.count(-1);
    const gate = task.extra?.waitsAt;
    if (gate === undefined) {
      if (this.heap.peek() === task) this.group.changed();
      this.heap.remove(task);
      return;
    }
    const aside = this.#aside.get(gate);
    assert(aside !== undefined, "a task that stepped aside is in its lane");
    aside.remove(task);
    if (aside.size === 0) this.#aside.delete(gate);
    task.extra!.waitsAt = undefined;
  }

  stepAside(gate: string, task: Task): void {
    this.heap.remove(task);
    this.group.changed();
    let aside = this.#aside.get(gate);
    if (aside === undefined) {
      aside = new Heap<Task>();
      this.#aside.set(gate, aside);
    }
    const { queue } = this.group;
    aside.push(task, queue.policy.rank(task, queue.ranks), task.id);
    task.extra!.waitsAt = gate;
  }

  /** The best task that stepped aside for a limit. */
  firstAside(gate: string): Task | undefined {
    return this.#aside.get(gate)?.peek();
  }

  /** Rank that the best task of those aside had when it stepped aside; Infinity when there is none. */
  asideRank(gate: string): number {
    return this.#aside.get(gate)?.firstKey ?? Infinity;
  }

  /** The best task that stepped aside for a limit is to be tried again. False when none is left aside. */
  comeBack(gate: string): boolean {
    const task = this.#aside.get(gate)?.peek();
    if (task === undefined) return false;
    this.remove(task);
    this.push(task);
    return this.#aside.has(gate);
  }

  /** Looks again at ranks that may have grown. */
  refresh(): void {
    if (this.heap instanceof SessionHeap && this.heap.refresh()) this.group.changed();
  }

  /** Whether its first task goes before that of another lane. */
  goesBefore(other: Lane): boolean {
    const key = this.heap.firstKey;
    const otherKey = other.heap.firstKey;
    return key < otherKey || (key === otherKey && this.heap.firstTie < other.heap.firstTie);
  }

  /** Tasks that stepped aside, by what they wait for. */
  get aside(): ReadonlyMap<string, Heap<Task>> {
    return this.#aside;
  }

  /** All that waits, in no particular order. */
  *waiting(): Iterable<Task> {
    yield* this.heap.values();
    for (const aside of this.#aside.values()) yield* aside.values();
  }

  #emptyHeap(): TaskHeap {
    const { queue } = this.group;
    const { sessions } = queue.policy;
    return sessions === undefined ? new Heap<Task>() : new SessionHeap(sessions, (task) => queue.policy.rank(task, queue.ranks));
  }
}

/** Where a group stands in the order of fair share (`share-order.ts`), and by what. */
interface Place {
  isChanged: boolean;
  isPassed: boolean;
  isCounted: boolean;
  heap: Heap<Group> | undefined;
  key: number;
}

/** What of a queue shares one turn: a tenant's tasks under fair share, else all. */
export class Group implements HeapItem {
  readonly queue: Queue;
  readonly tenant: string;
  /** In the order in which the queue heard of them. */
  readonly number: number;
  readonly lanes: Lane[] = [];
  /** Tasks that wait in it. */
  waiting = 0;
  /** Fair share: its weight. */
  weight = 1;
  /** Fair share: service charged so far ÷ weight, in virtual ms. */
  virtualMs = 0;
  /** Where it stands in the order of fair share. */
  heapSlot = -1;
  readonly place: Place = { isChanged: false, isPassed: false, isCounted: false, heap: undefined, key: 0 };
  /** Attempts that its tenant was charged for and that have not ended. */
  charged = 0;

  constructor(queue: Queue, tenant: string, number: number) {
    this.queue = queue;
    this.tenant = tenant;
    this.number = number;
  }

  /** So many tasks more wait. */
  count(change: 1 | -1): void {
    if (this.waiting === 0 || this.waiting + change === 0) this.changed();
    this.waiting += change;
    this.queue.waiting += change;
  }

  /** Its first task may be another one, or its clock has moved. */
  changed(): void {
    this.queue.order?.change(this);
  }

  /** Whether anything that runs belongs to it. */
  get isRunning(): boolean {
    return this.charged > 0 || this.lanes.some((lane) => lane.preemptible.size > 0 || lane.leaving.size > 0);
  }

  lane(type: string): Lane {
    for (const lane of this.lanes) if (lane.type === type) return lane;
    const lane = new Lane(this, type);
    this.lanes.push(lane);
    this.queue.types.add(type);
    return lane;
  }

  /** The lane of a type, if there is one. */
  laneIfAny(type: string): Lane | undefined {
    return this.lanes.find((lane) => lane.type === type);
  }

  /** Expected service of its first task, in ms; 0 when all of them stepped aside. */
  firstMs(): number {
    let first: Lane | undefined;
    for (const lane of this.lanes) if (lane.heap.size > 0 && (first === undefined || lane.goesBefore(first))) first = lane;
    return first === undefined ? 0 : this.queue.chargeMs(first.heap.peek()!);
  }
}

export class Queue {
  readonly name: string;
  readonly ranks: RankContext;
  readonly groups = new Map<string, Group>();
  /** Every type that a task of it has had. */
  readonly types = new Set<string>();
  /** Tasks that wait in it. */
  waiting = 0;
  policy: Policy = DEFAULT_POLICY;
  /** Absent: one line for all tenants. */
  fairShare: FairShare | undefined;
  /** The tenants in its order. */
  order: ShareOrder | undefined;
  paused = false;
  /** Counts the turns that queues had; the one with the lowest has waited longest for its next. */
  lastTurn = 0;
  /** The one group of a queue without fair share. */
  readonly only: Group;
  #groupsMade = 0;

  constructor(name: string, ranks: RankContext) {
    this.name = name;
    this.ranks = ranks;
    this.only = this.#group("");
  }

  laneOf(task: Task): Lane {
    const group = this.fairShare === undefined ? this.only : this.#group(task.extra?.tenant ?? "");
    return group.lane(task.spec.type);
  }

  /** The lane in which a task waits, or would; undefined when none has been made. Reading it makes none. */
  laneIfAny(task: Task): Lane | undefined {
    const group = this.fairShare === undefined ? this.only : this.groups.get(task.extra?.tenant ?? "");
    return group?.laneIfAny(task.spec.type);
  }

  /** What a tenant is charged for an attempt of a task, in ms: all that is left of it, or a slice where it gives way after that. */
  chargeMs(task: Task): number {
    const ms = this.ranks.remainingMs(task);
    return task.spec.preemptible === true ? Math.min(ms, this.policy.sliceMs ?? Infinity) : ms;
  }

  /** Nothing of a group waits or runs: it is made anew when its tenant comes back. */
  forget(group: Group): void {
    if (group === this.only) return;
    assert(group.waiting === 0 && this.groups.get(group.tenant) === group, "a group that is forgotten is known, and nothing waits in it");
    this.groups.delete(group.tenant);
  }

  /** A task waits. */
  push(task: Task): void {
    const lane = this.laneOf(task);
    if (lane.group.waiting === 0) this.fairShare?.join(lane.group);
    lane.push(task);
  }

  /** Ranks what waits anew, under another policy or other tenants. All of it is to be tried: those that room was for may not be the best any more. */
  change(policy: Policy, fairShare: FairShare | undefined): void {
    const lanes = [...this.groups.values()].flatMap((group) => group.lanes);
    const waiting = lanes.flatMap((lane) => [...lane.waiting()].map((task) => ({ lane, task })));
    for (const { lane, task } of waiting) lane.remove(task);
    const running = lanes.flatMap((lane) => [...lane.preemptible.values()]);
    for (const attempt of running) attempt.lane!.preemptible.remove(attempt);
    this.order?.update(); // Nobody waits: all groups leave it, rest or are forgotten.
    this.policy = policy;
    for (const lane of lanes) lane.renew();
    if (fairShare !== this.fairShare) {
      for (const group of this.groups.values()) Object.assign(group, { virtualMs: 0, weight: fairShare?.weightOf(group.tenant) ?? 1 });
    }
    this.order = fairShare === undefined ? undefined : new ShareOrder(fairShare);
    this.fairShare = fairShare;
    if (this.order !== undefined) for (const group of this.groups.values()) this.order.change(group);
    for (const { task } of waiting) this.push(task);
  }

  #group(tenant: string): Group {
    let group = this.groups.get(tenant);
    if (group === undefined) {
      group = new Group(this, tenant, this.#groupsMade++);
      group.weight = this.fairShare?.weightOf(tenant) ?? 1;
      this.groups.set(tenant, group);
    }
    return group;
  }
}
