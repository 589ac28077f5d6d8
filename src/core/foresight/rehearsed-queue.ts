/**
 * The queues of a rehearsal: they stand as the real ones do and go on from there on their own. What waits in the real heaps is
 * walked in order and never copied, so that a rehearsal costs what it looks at; what comes in meanwhile lies in heaps beside.
 */
import type { FairShare, Sharer } from "../fair-share.ts";
import { DEFAULT_POLICY } from "../policy/policies.ts";
import type { Policy, RankContext } from "../policy/policy.ts";
import type { Group, Lane, Queue, TaskHeap } from "../queue.ts";
import { Heap, type HeapItem } from "../struct/heap.ts";
import type { Task } from "../task.ts";
import { walkOf, type TaskWalk } from "../task-walk.ts";

interface Waiter extends HeapItem {
  readonly task: Task;
}

/** Waiting tasks in the order of their ranks: those of a real heap, and those that came since. */
export class Line {
  readonly #walk: TaskWalk | undefined;
  readonly #came = new Heap<Waiter>();

  constructor(heap?: TaskHeap) {
    this.#walk = heap === undefined || heap.size === 0 ? undefined : walkOf(heap);
  }

  get size(): number {
    return (this.#walk?.left ?? 0) + this.#came.size;
  }

  get first(): Task | undefined {
    return this.#isWalkFirst ? this.#walk!.item : this.#came.peek()?.task;
  }

  get firstKey(): number {
    return Math.min(this.#walk?.key ?? Infinity, this.#came.firstKey);
  }

  get firstTie(): number {
    return this.#isWalkFirst ? this.#walk!.tie : this.#came.firstTie;
  }

  add(task: Task, rank: number): void {
    this.#came.push({ task, heapSlot: -1 }, rank, task.id);
  }

  take(): Task | undefined {
    const task = this.first;
    if (this.#isWalkFirst) this.#walk!.pass();
    else this.#came.pop();
    return task;
  }

  get #isWalkFirst(): boolean {
    const key = this.#walk?.key ?? Infinity;
    return key < this.#came.firstKey || (key === this.#came.firstKey && (this.#walk?.tie ?? Infinity) < this.#came.firstTie);
  }
}

/** The tasks of one type in a group. */
export class RehearsedLane {
  readonly group: RehearsedGroup;
  readonly type: string;
  readonly line: Line;
  /** Those that stepped aside, by what they wait for. */
  readonly aside = new Map<string, Line>();
  /** The match in which nothing more can start from it. */
  closedIn = -1;

  constructor(group: RehearsedGroup, type: string, real: Lane | undefined) {
    this.group = group;
    this.type = type;
    this.line = new Line(real?.heap);
    for (const [name, heap] of real?.aside ?? []) this.aside.set(name, new Line(heap));
  }

  goesBefore(other: RehearsedLane): boolean {
    const key = this.line.firstKey;
    const otherKey = other.line.firstKey;
    return key < otherKey || (key === otherKey && this.line.firstTie < other.line.firstTie);
  }

  /** Ranks that grow while tasks wait are looked at when they come first, as in the real lane. */
  refresh(policy: Policy, ranks: RankContext): void {
    for (let key = this.line.firstKey; key < Infinity; key = this.line.firstKey) {
      const rank = policy.rank(this.line.first!, ranks);
      if (rank <= key) return;
      this.line.add(this.line.take()!, rank);
    }
  }

  /** The first task leaves the line until there is room for it. */
  stepAside(gate: string): void {
    const rank = this.line.firstKey;
    const task = this.line.take()!;
    let line = this.aside.get(gate);
    if (line === undefined) this.aside.set(gate, (line = new Line()));
    line.add(task, rank);
  }

  /** The best of those that wait for a limit is to be tried again. */
  comeBack(gate: string): void {
    const line = this.aside.get(gate);
    if (line === undefined || line.size === 0) return;
    const rank = line.firstKey;
    this.line.add(line.take()!, rank);
  }
}

export class RehearsedGroup implements Sharer {
  readonly queue: RehearsedQueue;
  readonly tenant: string;
  readonly lanes: RehearsedLane[];
  waiting: number;
  /** Starts in the rehearsal. */
  starts = 0;
  readonly weight: number;
  virtualMs: number;

  constructor(queue: RehearsedQueue, tenant: string, real: Group | undefined) {
    this.queue = queue;
    this.tenant = tenant;
    this.lanes = (real?.lanes ?? []).map((lane) => new RehearsedLane(this, lane.type, lane));
    this.waiting = real?.waiting ?? 0;
    this.weight = real?.weight ?? queue.fairShare?.weightOf(tenant) ?? 1;
    this.virtualMs = real?.virtualMs ?? 0;
  }

  firstMs(): number {
    let first: RehearsedLane | undefined;
    for (const lane of this.lanes) if (lane.line.size > 0 && (first === undefined || lane.goesBefore(first))) first = lane;
    return first === undefined ? 0 : this.queue.ranks.remainingMs(first.line.first!);
  }

  lane(type: string): RehearsedLane {
    let lane = this.lanes.find((one) => one.type === type);
    if (lane === undefined) this.lanes.push((lane = new RehearsedLane(this, type, undefined)));
    return lane;
  }
}

export class RehearsedQueue {
  readonly policy: Policy;
  readonly fairShare: FairShare | undefined;
  readonly paused: boolean;
  readonly ranks: RankContext;
  readonly groups = new Map<string, RehearsedGroup>();
  lastTurn: number;

  /** @param real undefined for a queue that nobody has named yet */
  constructor(real: Queue | undefined, paused: boolean, ranks: RankContext) {
    this.policy = real?.policy ?? DEFAULT_POLICY;
    this.fairShare = real?.fairShare?.copy();
    this.paused = paused;
    this.ranks = ranks;
    this.lastTurn = real?.lastTurn ?? 0;
    for (const [tenant, group] of real?.groups ?? []) this.groups.set(tenant, new RehearsedGroup(this, tenant, group));
  }

  get waiting(): number {
    let count = 0;
    for (const group of this.groups.values()) count += group.waiting;
    return count;
  }

  /** A task comes to wait. `as` is how it will stand there: its rank is taken from it. */
  arrive(task: Task, as: Task): void {
    const tenant = this.fairShare === undefined ? "" : (task.extra?.tenant ?? "");
    let group = this.groups.get(tenant);
    if (group === undefined) this.groups.set(tenant, (group = new RehearsedGroup(this, tenant, undefined)));
    if (group.waiting === 0) this.fairShare?.join(group);
    group.waiting += 1;
    group.lane(task.spec.type).line.add(task, this.policy.rank(as, this.ranks));
  }
}
