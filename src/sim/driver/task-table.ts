/**
 * What the simulation knows of the tasks in the system: columns in typed arrays, a row (slot) for each task, used again when it
 * has ended. So memory follows the number of tasks in the system, and a task costs no object.
 */
import { grown } from "./event-heap.ts";

const SMALLEST = 256;

/** How the attempt under way will end, as its agent (not the scheduler) knows. */
export const ENDING = { success: 0, failure: 1, leaving: 2 } as const;

export class TaskTable {
  /** The core's id. */
  id = new Float64Array(SMALLEST);
  /** Number of the attempt under way. */
  attempt = new Int32Array(SMALLEST);
  /** Agent of the attempt under way, or 0. */
  agent = new Int32Array(SMALLEST);
  ending = new Uint8Array(SMALLEST);
  /** First release; NaN while it waits for tasks that it needs. */
  releasedAt = new Float64Array(SMALLEST);
  /** Start of the first attempt, or NaN. */
  firstStartAt = new Float64Array(SMALLEST);
  /** Since when the agent works on it; NaN while it waits on the agent. */
  startedAt = new Float64Array(SMALLEST);
  /** Work per ms of the attempt under way. */
  rate = new Float64Array(SMALLEST);
  /** Work of the whole task, and what is left of it, in ms at speed 1. */
  workMs = new Float64Array(SMALLEST);
  leftMs = new Float64Array(SMALLEST);
  /** Time for which attempts that have ended held an agent. */
  heldMs = new Float64Array(SMALLEST);
  /** NaN without one. */
  dueAt = new Float64Array(SMALLEST);
  cost = new Float64Array(SMALLEST);
  /** Number of its spec. */
  spec = new Int32Array(SMALLEST);
  /** Numbers of its type and tenant in the results; -1 for none. */
  type = new Int32Array(SMALLEST);
  tenant = new Int32Array(SMALLEST);
  /** 1 for the last of its session. */
  endsSession = new Uint8Array(SMALLEST);
  /** Holes where a task has none: most workloads have no sessions. */
  readonly session: (string | undefined)[] = [];
  /** The source's number for it, or -1. */
  ref = new Int32Array(SMALLEST);
  #free = new Int32Array(SMALLEST);
  #freeCount = 0;
  #used = 0;

  /** A slot for a new task; the caller fills in the columns. */
  take(): number {
    if (this.#freeCount > 0) return this.#free[--this.#freeCount]!;
    if (this.#used === this.id.length) this.#grow();
    return this.#used++;
  }

  give(slot: number): void {
    this.#free[this.#freeCount++] = slot;
  }

  /** Tasks in the table. */
  get size(): number {
    return this.#used - this.#freeCount;
  }

  #grow(): void {
    const capacity = this.id.length * 2;
    const floats = (old: Float64Array): Float64Array<ArrayBuffer> => grown(new Float64Array(capacity), old);
    const integers = (old: Int32Array): Int32Array<ArrayBuffer> => grown(new Int32Array(capacity), old);
    this.id = floats(this.id);
    this.attempt = integers(this.attempt);
    this.agent = integers(this.agent);
    this.ending = grown(new Uint8Array(capacity), this.ending);
    this.releasedAt = floats(this.releasedAt);
    this.firstStartAt = floats(this.firstStartAt);
    this.startedAt = floats(this.startedAt);
    this.rate = floats(this.rate);
    this.workMs = floats(this.workMs);
    this.leftMs = floats(this.leftMs);
    this.heldMs = floats(this.heldMs);
    this.dueAt = floats(this.dueAt);
    this.cost = floats(this.cost);
    this.spec = integers(this.spec);
    this.type = integers(this.type);
    this.tenant = integers(this.tenant);
    this.endsSession = grown(new Uint8Array(capacity), this.endsSession);
    this.ref = integers(this.ref);
    this.#free = integers(this.#free);
  }
}
