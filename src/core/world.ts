/**
 * The scheduler's whole state, passed to the steps that change it. It follows from the restored snapshot and the events
 * alone; nothing outside `core/` may hold on to a part of it to change it.
 */
import { speedOf } from "./agent.ts";
import type { Attempt } from "./attempt.ts";
import type { BalanceContext } from "./balance/balancer.ts";
import { Estimates } from "./estimate/estimates.ts";
import type { TaskSnapshot } from "./event.ts";
import { Fleet } from "./fleet.ts";
import type { Flow } from "./flow.ts";
import { Limits } from "./limits/limits.ts";
import type { RankContext } from "./policy/policy.ts";
import { Queue } from "./queue.ts";
import { PagedTable } from "./struct/paged-table.ts";
import { randomOf } from "./struct/random.ts";
import { Stack } from "./struct/stack.ts";
import { Sessions } from "./sessions.ts";
import { StateCounts } from "./state-counts.ts";
import { tailOf, type Expectation } from "./tails.ts";
import { firstReadyAt, type FlowId, type Instant, type Task, type TaskId } from "./task.ts";
import { Timers } from "./timers.ts";
import { TurnBuilder } from "./turn.ts";

export interface WorldOptions {
  readonly seed: number;
  /** A slot whose attempt was told to stop and has not ended is given up after this long, in ms. */
  readonly stopGraceMs: number;
  readonly learns?: boolean;
  readonly lastTaskId: TaskId;
  readonly lastFlowId: FlowId;
  /** Report dated tasks that are at risk; default true. Decisions do not depend on it. */
  readonly reportsRisk?: boolean;
}

export class World implements RankContext, BalanceContext {
  readonly seed: number;
  readonly stopGraceMs: number;
  readonly learns: boolean;
  readonly reportsRisk: boolean;
  /** Never goes back, whatever the driver's clock does. */
  now: Instant = 0;
  lastTaskId: TaskId;
  lastFlowId: FlowId;
  /** Live tasks, and finished ones of flows that are still open. */
  readonly tasks = new PagedTable<Task>();
  readonly flows = new PagedTable<Flow>();
  /** Tasks in memory by their idempotency key. */
  readonly keys = new Map<string, Task>();
  readonly queues = new Map<string, Queue>();
  /** The same, for those who look at all of them in every turn. */
  readonly queueList: Queue[] = [];
  /** The one asked for last: tasks of one queue come in a row. */
  #lastQueue: Queue | undefined;
  /** Turns so far. */
  turns = 0;
  /** Turns that queues had so far, to give the next one to whoever has waited longest. */
  queueTurns = 0;
  readonly fleet = new Fleet();
  readonly limits = new Limits(this);
  readonly estimates = new Estimates();
  readonly sessions = new Sessions();
  readonly #expectation: Expectation = (task) => this.remainingMs(task);
  /** Random numbers drawn so far. */
  draws = 0;
  readonly timers = new Timers();
  /** Attempts whose task has moved on, until they end. */
  readonly strays = new Map<string, Attempt>();
  readonly turn = new TurnBuilder();
  /** Live tasks by state; final states stay 0. */
  readonly counts = new StateCounts();
  /** Tasks that became final and whose consequences are still to be drawn. */
  readonly settled = new Stack<Task>();
  /** Attempts whose time slice is over in this turn. */
  readonly slicesOver: Attempt[] = [];
  /** Flows whose last open task settled. */
  readonly flowsToClose = new Stack<Flow>();
  /** Rows of adopted tasks whose relations are still to be joined. */
  readonly toJoin: TaskSnapshot[] = [];
  /** When something that runs will have fallen behind what waits, if nothing happens before; looked at anew in every turn. */
  preemptAt: Instant = Infinity;
  /** Starts nothing any more. */
  draining = false;
  /** Every queue is paused, those to come included. */
  allPaused = false;

  constructor(options: WorldOptions) {
    this.seed = options.seed;
    this.stopGraceMs = options.stopGraceMs;
    this.learns = options.learns ?? true;
    this.reportsRisk = options.reportsRisk ?? true;
    this.lastTaskId = options.lastTaskId;
    this.lastFlowId = options.lastFlowId;
  }

  queue(name: string): Queue {
    if (this.#lastQueue?.name !== name) this.#lastQueue = this.queues.get(name) ?? this.#newQueue(name);
    return this.#lastQueue;
  }

  #newQueue(name: string): Queue {
    const queue = new Queue(name, this);
    queue.paused = this.allPaused;
    this.queues.set(name, queue);
    this.queueList.push(queue);
    return queue;
  }

  expectedMs(task: Task): number {
    return this.estimates.serviceMs(task);
  }

  remainingMs(task: Task): number {
    return Math.max(0, this.estimates.serviceMs(task) - (task.extra?.workedMs ?? 0));
  }

  attainedMs(task: Task): number {
    const { extra } = task;
    if (extra === undefined) return 0;
    return (extra.session ?? extra.flow)?.attainedMs ?? extra.servedMs ?? 0;
  }

  tailMs(task: Task): number {
    return tailOf(task, this.#expectation);
  }

  doneMs(attempt: Attempt): number {
    return (this.now - attempt.assignedAt) * speedOf(attempt.agent, attempt.task.spec.type);
  }

  flowSince(task: Task): Instant {
    return task.extra?.flow?.createdAt ?? firstReadyAt(task);
  }

  endsAt(attempt: Attempt): Instant {
    const expected = attempt.assignedAt + this.remainingMs(attempt.task) / speedOf(attempt.agent, attempt.task.spec.type);
    // One that has overrun is expected to need as long again as it has overrun.
    return expected >= this.now ? expected : this.now + (this.now - expected);
  }

  random(): number {
    return randomOf(this.seed, this.draws++, 0);
  }
}
