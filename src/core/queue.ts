/**
 * Queues and their lanes. A queue is what users name and set a policy for; inside it each task type has a lane, since a task
 * can only go to an agent that does its type and must not hold up others while none is free. Each lane is one heap by rank.
 */
import { Heap } from "./struct/heap.ts";
import { DEFAULT_POLICY } from "./policy/policies.ts";
import type { Policy } from "./policy/policy.ts";
import type { Task } from "./task.ts";

export interface Lane {
  readonly queue: Queue;
  readonly type: string;
  readonly heap: Heap<Task>;
}

export class Queue {
  readonly name: string;
  readonly lanes = new Map<string, Lane>();
  policy: Policy = DEFAULT_POLICY;
  paused = false;

  constructor(name: string) {
    this.name = name;
  }

  lane(type: string): Lane {
    let lane = this.lanes.get(type);
    if (lane === undefined) {
      lane = { queue: this, type, heap: new Heap<Task>() };
      this.lanes.set(type, lane);
    }
    return lane;
  }

  push(task: Task): void {
    this.lane(task.spec.type).heap.push(task, this.policy.rank(task), task.id);
  }

  remove(task: Task): void {
    this.lane(task.spec.type).heap.remove(task);
  }

  /** Ranks what waits anew under another policy. */
  setPolicy(policy: Policy): void {
    this.policy = policy;
    for (const lane of this.lanes.values()) {
      const waiting = [...lane.heap.values()];
      for (const task of waiting) lane.heap.remove(task);
      for (const task of waiting) lane.heap.push(task, policy.rank(task), task.id);
    }
  }
}
