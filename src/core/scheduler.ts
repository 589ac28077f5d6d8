/**
 * The scheduler: a pure, deterministic state machine. A driver gives it the time and what happened; it answers with commands
 * and with what changed. It routes each event to the step that knows it and decides nothing itself.
 */
import type { Agent } from "./agent.ts";
import type { Estimates, LearnedType } from "./estimate/estimates.ts";
import type { Event, FlowSnapshot, Reply, ServedSnapshot, TaskSnapshot, Turn } from "./event.ts";
import { riskNotices, type RiskNotice } from "./foresight/risk.ts";
import { whyOf, type Why } from "./foresight/why.ts";
import type { LimitState } from "./limits/limit.ts";
import { agentDrain, agentGone, agentHeard, agentJoin } from "./step/agents.ts";
import { askToLeave } from "./step/attempts.ts";
import { cancel } from "./step/cancel.ts";
import { dispatch } from "./step/dispatch.ts";
import { fairShare, setPolicy } from "./step/queues.ts";
import { endSlices } from "./step/preempt.ts";
import { redrive } from "./step/redrive.ts";
import { enqueue } from "./step/release.ts";
import { reportEnd, saveCheckpoint } from "./step/reports.ts";
import { adopt, joinAdopted, restoreFlows, restoreServed, resumeAfterRestart } from "./step/restore.ts";
import { standAs, type Sight } from "./step/stand.ts";
import { drawConsequences } from "./step/settle.ts";
import { submit } from "./step/submit.ts";
import { passTime } from "./step/time.ts";
import { isFinal, type FlowId, type Instant, type Task, type TaskId, type TaskState } from "./task.ts";
import { extraOf } from "./task-record.ts";
import { World } from "./world.ts";

export interface SchedulerOptions {
  /** Seeds everything random. */
  readonly seed: number;
  /** A slot whose attempt was told to stop and has not ended is given up after this long, in ms. */
  readonly stopGraceMs: number;
  /** Greatest ids given before a restart; 0 in a new store. */
  readonly lastTaskId: TaskId;
  readonly lastFlowId: FlowId;
  readonly lastAgentId: number;
  /** Durations are learned from tasks that succeed; default true. Without it estimates are those that were given. */
  readonly learns?: boolean;
  /** Report dated tasks that are at risk; default true. Decisions do not depend on it. */
  readonly reportsRisk?: boolean;
}

const NO_NOTICES: readonly RiskNotice[] = [];
const DONE: Reply = { kind: "done" };

export class Scheduler {
  readonly #world: World;

  constructor(options: SchedulerOptions) {
    this.#world = new World(options);
    this.#world.fleet.lastId = options.lastAgentId;
  }

  /** Takes unfinished flows and their tasks, and live tasks, back from a store. Call before the first turn, flows first. */
  restore(flows: readonly FlowSnapshot[], tasks: readonly TaskSnapshot[]): void {
    restoreFlows(this.#world, flows);
    adopt(this.#world, tasks);
  }

  /** Takes back what was learned of a task type; false when it cannot be read, and is learned anew. Call before `resume`, which ranks by it. */
  restoreEstimates(learned: LearnedType): boolean {
    return this.#world.estimates.restore(learned);
  }

  /** After the last `restore`: what ran is queued again, what waited waits. Its changes come with the next turn. */
  resume(now: Instant, served?: ServedSnapshot): void {
    this.#world.now = Math.max(this.#world.now, now);
    joinAdopted(this.#world);
    if (served !== undefined) restoreServed(this.#world, served);
    resumeAfterRestart(this.#world);
    drawConsequences(this.#world);
  }

  /** Instead of `resume`, for somebody who only asks: everything stands as it is told. Such a scheduler is given no turns. */
  look(sight: Sight): void {
    this.#world.now = Math.max(this.#world.now, sight.now);
    for (const event of sight.settings) this.#apply(event);
    standAs(this.#world, sight);
  }

  /** Lets time pass up to `now`, applies the events in order, and matches tasks with agents. */
  turn(now: Instant, events: readonly Event[]): Turn {
    const world = this.#world;
    world.now = Math.max(world.now, now);
    world.turns += 1;
    passTime(world);
    for (const event of events) {
      world.turn.reply(this.#apply(event));
      drawConsequences(world);
    }
    // What the events set for now or earlier (a deadline that has passed already) must come before the match.
    passTime(world);
    dispatch(world);
    if (world.slicesOver.length > 0) endSlices(world);
    const atRisk = world.turn.takeAtRisk();
    const notices = atRisk === undefined ? NO_NOTICES : riskNotices(world, atRisk);
    const wakeAt = Math.min(world.timers.nextAt, world.fleet.balancer.reviewAt ?? Infinity, world.preemptAt);
    return world.turn.take(wakeAt === Infinity ? undefined : wakeAt, notices, world.limits.takeChanges());
  }

  #apply(event: Event): Reply {
    const world = this.#world;
    switch (event.kind) {
      case "submit":
        return submit(world, event);
      case "succeed":
      case "fail":
      case "park":
      case "release":
      case "backoff":
        return reportEnd(world, event) ? DONE : stale(event.id, event.attempt);
      case "checkpoint":
        return saveCheckpoint(world, event.id, event.attempt, event.checkpoint) ? DONE : stale(event.id, event.attempt);
      case "answer":
        return this.#answer(event.id, event.answer);
      case "cancel":
        return { kind: "count", count: cancel(world, event.select, event.reason) };
      case "redrive":
        return redrive(world, event);
      case "agent-join":
        return { kind: "joined", agentId: agentJoin(world, event.agent, event.id) };
      case "agent-leave":
      case "heartbeat":
        return this.#agent(event);
      case "pause":
      case "resume":
        return this.#pause(event.queue, event.kind === "pause");
      case "policy":
        return setPolicy(world, event);
      case "fair-share":
        return fairShare(world, event);
      case "balancer":
        return this.#balancer(event.balancer);
      case "distances":
        world.fleet.distances.set(event.distances);
        return DONE;
      case "type-limit":
        world.limits.setType(event.type, event.limit, this.#attemptsOfType(event.type));
        return DONE;
      case "limit":
        return world.limits.declare(event.name, event.rule, event.kept) ?? DONE;
      case "drain":
        world.draining = true;
        if (event.leave) for (const agent of world.fleet.all()) for (const attempt of agent.attempts) askToLeave(world, attempt, "shutdown");
        return DONE;
      case "tick":
        return DONE;
    }
  }

  #answer(id: TaskId, answer: string): Reply {
    const task = this.#world.tasks.get(id);
    if (task === undefined) return { kind: "refused", code: "task_not_found", detail: `task ${id} is not live` };
    if (isFinal(task.state)) return { kind: "refused", code: "task_not_parked", detail: `task ${id} is ${task.state}` };
    this.#world.turn.change(task).answer = answer;
    if (task.state === "parked" && task.extra?.parkedFor === "answer") enqueue(this.#world, task);
    // It comes before the question; the task will not wait when it parks for it.
    else extraOf(task).answered = true;
    return DONE;
  }

  #agent(event: Extract<Event, { kind: "agent-leave" | "heartbeat" }>): Reply {
    const agent = this.#world.fleet.get(event.id);
    if (agent === undefined) return { kind: "refused", code: "agent_unknown", detail: `there is no agent ${event.id}` };
    if (event.kind === "heartbeat") agentHeard(this.#world, agent);
    else if (event.drain) agentDrain(this.#world, agent);
    else agentGone(this.#world, agent);
    return DONE;
  }

  #pause(name: string | undefined, paused: boolean): Reply {
    const world = this.#world;
    if (name === undefined) world.allPaused = paused;
    for (const queue of name === undefined ? world.queues.values() : [world.queue(name)]) queue.paused = paused;
    return DONE;
  }

  #balancer(name: string): Reply {
    const refusal = this.#world.fleet.setBalancer(name);
    return refusal === undefined ? DONE : { ...refusal, code: "balancer_unknown" };
  }

  #attemptsOfType(type: string): number {
    let count = 0;
    for (const agent of this.#world.fleet.all()) {
      for (const attempt of agent.attempts) if (attempt.task.spec.type === type) count += 1;
    }
    return count;
  }

  /** What was learned of durations and costs. The driver stores it and reads it; only `turn` learns. */
  get estimates(): Estimates {
    return this.#world.estimates;
  }

  /** Live tasks by state. */
  get counts(): Readonly<Record<TaskState, number>> {
    return this.#world.counts.toRecord();
  }

  /** Tasks that are not final. */
  get liveCount(): number {
    return this.#world.counts.total;
  }

  /** Attempts under way, strays included. */
  get attemptsUnderWay(): number {
    let count = 0;
    for (const agent of this.#world.fleet.all()) count += agent.attempts.size;
    return count;
  }

  /** The balancer as it was chosen, with its options. */
  get balancer(): string {
    return this.#world.fleet.balancer.name;
  }

  agents(): readonly Agent[] {
    return [...this.#world.fleet.all()];
  }

  /** A live task, or a finished one of a flow that is still open. Read only. */
  task(id: TaskId): Task | undefined {
    return this.#world.tasks.get(id);
  }

  /** A task that is not final. Read only. */
  liveTask(id: TaskId): Task | undefined {
    const task = this.#world.tasks.get(id);
    return task === undefined || isFinal(task.state) ? undefined : task;
  }

  /** Why a task is where it is; undefined when it is not in memory. Changes nothing. */
  why(id: TaskId): Why | undefined {
    const task = this.#world.tasks.get(id);
    return task === undefined ? undefined : whyOf(this.#world, task);
  }

  taskByKey(key: string): Task | undefined {
    return this.#world.keys.get(key);
  }

  /** Everything in memory, for checkers and lists. Read only. */
  tasks(): IterableIterator<Task> {
    return this.#world.tasks.values();
  }

  /** Declared limits, and those of types (`type:…`) and keys (`key:…`), with their use and waste. */
  limits(): readonly LimitState[] {
    return this.#world.limits.list();
  }

  /** No task with a smaller id is in memory. */
  get liveFrom(): TaskId {
    return this.#world.tasks.lowerBound(this.#world.lastTaskId + 1);
  }
}

function stale(id: TaskId, attempt: number): Reply {
  return { kind: "refused", code: "stale_attempt", detail: `attempt ${attempt} of task ${id} is not the one that runs` };
}
