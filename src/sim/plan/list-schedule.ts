/**
 * What happens without a plan: list scheduling (Graham 1966). Whenever something ends, the waiting tasks are gone through in the order
 * of a list, and each that fits starts at once on the fastest agent that is idle; nothing waits for a better one. The yardstick
 * that plans are measured by, and where their search begins, so that no plan is worse.
 */
import { Heap, type HeapItem } from "../../core/struct/heap.ts";
import type { PlanProblem } from "./problem.ts";
import type { Work } from "./work.ts";

/** `given`: as the tasks are listed; `critical-path`: the longest way to the end first. */
export type ListRule = "given" | "critical-path";

export interface ListSchedule {
  readonly makespan: number;
  /** Tasks by start. */
  readonly list: Int32Array;
  /** By task: its class of agents. */
  readonly choices: Int32Array;
}

interface Waiting extends HeapItem {
  readonly task: number;
}

interface Running extends HeapItem {
  readonly task: number;
  readonly kind: number;
}

/** The problem is without fault, and `work` is made from it. */
export function listSchedule(problem: PlanProblem, work: Work, rule: ListRule): ListSchedule {
  const { size, classes, durations } = work;
  const { tails, needs, dependents } = work.network;
  const list = new Int32Array(size);
  const choices = new Int32Array(size);
  const open = new Int32Array(size);
  const free = new FreeNow(problem, work);
  const waiting = new Heap<Waiting>();
  const running = new Heap<Running>();
  const release = (task: number): void => waiting.push({ heapSlot: -1, task }, rule === "given" ? 0 : -(tails[task]! + work.network.durations[task]!), task);
  for (let task = 0; task < size; task++) {
    open[task] = needs.starts[task + 1]! - needs.starts[task]!;
    if (open[task] === 0) release(task);
  }
  let now = 0;
  let started = 0;
  for (;;) {
    const passedOver: Waiting[] = [];
    while (waiting.size > 0 && free.hasAny()) {
      const item = waiting.pop()!;
      const kind = free.fastest(item.task);
      if (kind === undefined) passedOver.push(item);
      else {
        free.change(item.task, kind, -1);
        list[started++] = item.task;
        choices[item.task] = kind;
        running.push({ heapSlot: -1, task: item.task, kind }, now + durations[item.task * classes + kind]!, item.task);
      }
    }
    for (const { task } of passedOver) release(task);
    if (running.size === 0) return { makespan: now, list, choices };
    now = running.firstKey;
    while (running.firstKey === now && running.size > 0) {
      const { task, kind } = running.pop()!;
      free.change(task, kind, 1);
      for (let at = dependents.starts[task]!; at < dependents.starts[task + 1]!; at++) {
        const dependent = dependents.items[at]!;
        open[dependent]! -= 1;
        if (open[dependent] === 0) release(dependent);
      }
    }
  }
}

/** Slots and resources that nothing holds at the moment. */
class FreeNow {
  readonly #problem: PlanProblem;
  readonly #work: Work;
  readonly #slots: number[];
  readonly #resources: number[];
  #slotsLeft: number;

  constructor(problem: PlanProblem, work: Work) {
    this.#problem = problem;
    this.#work = work;
    this.#slots = work.fleet.map(({ slots }) => slots);
    this.#resources = [...problem.capacities];
    this.#slotsLeft = problem.agents === undefined ? Infinity : this.#slots.reduce((sum, slots) => sum + slots, 0);
  }

  /** Whether anything at all could start; what takes no time waits for a slot like the rest. */
  hasAny(): boolean {
    return this.#slotsLeft > 0;
  }

  fastest(task: number): number | undefined {
    const { classes, durations, network } = this.#work;
    const { uses } = this.#problem.tasks[task]!;
    const takesNothing = network.durations[task] === 0;
    if (!takesNothing && this.#resources.some((left, resource) => (uses[resource] ?? 0) > left)) return undefined;
    let best: number | undefined;
    for (let kind = 0; kind < classes; kind++) {
      const duration = durations[task * classes + kind]!;
      const isFree = takesNothing || this.#problem.agents === undefined || this.#slots[kind]! > 0;
      if (isFree && duration < (best === undefined ? Infinity : durations[task * classes + best]!)) best = kind;
    }
    return best;
  }

  /** Takes (-1) or gives back (1) what the task holds. */
  change(task: number, kind: number, sign: 1 | -1): void {
    if (this.#work.network.durations[task] === 0) return;
    this.#slots[kind]! += sign;
    this.#slotsLeft += sign;
    this.#problem.tasks[task]!.uses.forEach((amount, resource) => (this.#resources[resource]! += sign * amount));
  }
}
