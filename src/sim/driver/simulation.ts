/**
 * The virtual-time driver: it runs the production scheduler on a workload and virtual agents. For each instant at which
 * something happens it gathers what happened (attempts that end, agents that come and go, tasks that arrive), gives it to
 * `Scheduler.turn`, and carries out the commands. Time jumps from instant to instant; nothing waits, nothing is random but by
 * the seed, and memory follows the tasks in the system.
 */
import { assert } from "../../core/assert.ts";
import type { DistanceTable } from "../../core/balance/distances.ts";
import type { Command, Event, Turn } from "../../core/event.ts";
import type { LimitRule } from "../../core/limits/rule.ts";
import { Scheduler } from "../../core/scheduler.ts";
import { firstReadyAt, isFinal, type FinalState } from "../../core/task.ts";
import { SimulationRefusal } from "../refusal.ts";
import type { SimulationResult } from "../results/result.ts";
import { DEFAULT_QUEUE, type TaskSource, type WorkloadTask } from "../workload/task.ts";
import { DecisionsHash } from "./decisions-hash.ts";
import { EventBatch } from "./event-batch.ts";
import { EventHeap } from "./event-heap.ts";
import { IdTable } from "./id-table.ts";
import { Meter } from "./meter.ts";
import { Reports } from "./reports.ts";
import { resultOf } from "./result-of.ts";
import { Submissions, type Estimates } from "./submissions.ts";
import { ENDING, TaskTable } from "./task-table.ts";
import { createAgents, type AgentGroup, type VirtualAgent } from "./virtual-agents.ts";

export interface SimulationOptions {
  readonly source: TaskSource;
  readonly agents: readonly AgentGroup[];
  /** By the core's names, with options after colons. */
  readonly policy: string;
  readonly balancer: string;
  readonly estimates: Estimates;
  readonly seed: number;
  /** The first tasks, which are simulated and not measured. */
  readonly warmUpTasks: number;
  /** What a preempted attempt keeps of its work; `off` means that nothing is preempted. */
  readonly preemption: "resume" | "restart" | "off";
  /** How long a preempted attempt still holds its agent, in ms. */
  readonly preemptionMs: number;
  /** Further attempts after a failed one. */
  readonly retries: number;
  /** Shares of the tenants by name, the others 1; undefined for no fair share. */
  readonly fairShare?: Readonly<Record<string, number>> | undefined;
  /** How far regions are from each other, for balancers that ask. */
  readonly distances?: DistanceTable | undefined;
  /** At most so many tasks of a type at once. */
  readonly typeLimits?: Readonly<Record<string, number>> | undefined;
  /** Limits that tasks use, by name. */
  readonly limits?: Readonly<Record<string, LimitRule>> | undefined;
  /** Keep what there was over time, for plots. */
  readonly series: boolean;
}

/** Where a run stands: at its end, at the limit of turns that was asked for, or without a next task although there will be more. */
export type RunState = "done" | "paused" | "starved";

/** The first instant. Not 0: the core takes 0 for "not yet". */
const START_AT = 1;

export class Simulation {
  readonly options: SimulationOptions;
  readonly agents: readonly VirtualAgent[];
  readonly meter: Meter;
  readonly decisions = new DecisionsHash();
  events = 0;
  starts = 0;
  readonly #scheduler: Scheduler;
  readonly #source: TaskSource;
  readonly #submissions: Submissions;
  readonly #table = new TaskTable();
  readonly #ids = new IdTable();
  /** Slots of tasks, by the instant at which their attempts end. */
  readonly #work = new EventHeap();
  /** Agents (by number), by the instant at which they come or go. */
  readonly #calendar = new EventHeap();
  readonly #reports: Reports;
  readonly #events = new EventBatch();
  /** Attempts that were cut off: they end in the next turn of the same instant. */
  readonly #cutOff: Event[] = [];
  readonly #queues = new Set<string>();
  #wakeAt = Infinity;
  #now = START_AT;
  #submitted = 0;
  #working = 0;

  constructor(options: SimulationOptions) {
    const { source, agents, seed, warmUpTasks, estimates, retries, preemption, series } = options;
    this.options = options;
    this.#source = source;
    this.agents = createAgents(agents, source.types, seed);
    this.meter = new Meter({ startAt: START_AT, warmUpTasks, agentCount: this.agents.length, series });
    this.#reports = new Reports(preemption === "resume");
    this.#submissions = new Submissions({ estimates, startAt: START_AT, retries, isPreemptible: preemption !== "off" });
    this.#scheduler = new Scheduler({ seed, stopGraceMs: 60_000, lastTaskId: 0, lastFlowId: 0, lastAgentId: 0, reportsRisk: false, learns: estimates === "learned" });
    this.#setUp();
  }

  /** Tasks taken from the source so far. */
  get submitted(): number {
    return this.#submitted;
  }

  /** Tasks in the system now. */
  get inSystem(): number {
    return this.#table.size;
  }

  /** Virtual time, in ms from the start. */
  get nowMs(): number {
    return this.#now - START_AT;
  }

  /** Goes on until all tasks have ended, or for so many turns. */
  run(turnLimit = Infinity): RunState {
    for (let turns = 0; turns < turnLimit; turns++) {
      if (this.#source.isStarved === true) return "starved";
      const arrivalAt = START_AT + this.#source.nextAtMs;
      if (arrivalAt === Infinity && this.#table.size === 0 && this.#cutOff.length === 0) return "done";
      // Never back: a source may be late by the last bit of a number.
      const at = this.#cutOff.length > 0 ? this.#now : Math.max(this.#now, Math.min(arrivalAt, this.#work.firstAt, this.#calendar.firstAt, this.#wakeAt));
      if (at === Infinity) throw new SimulationRefusal("invalid_input", `${this.#table.size} tasks can never start: no agent or limit will ever let them.`);
      this.#instant(at);
    }
    return "paused";
  }

  /** What was measured. Call it when the run is done. */
  result(): SimulationResult {
    return resultOf(this);
  }

  #setUp(): void {
    const { balancer, distances, typeLimits = {}, limits = {} } = this.options;
    const settings: Event[] = [{ kind: "balancer", balancer }, ...this.#settingsOf(DEFAULT_QUEUE)];
    if (distances !== undefined) settings.push({ kind: "distances", distances });
    for (const [type, limit] of Object.entries(typeLimits)) settings.push({ kind: "type-limit", type, limit });
    for (const [name, rule] of Object.entries(limits)) settings.push({ kind: "limit", name, rule });
    this.events += settings.length;
    const { replies } = this.#scheduler.turn(this.#now, settings);
    replies.forEach((reply, index) => {
      if (reply.kind !== "refused") return;
      if (reply.code === "limit_invalid") throw new SimulationRefusal("invalid_option", `A rule cannot be followed: ${reply.detail}.`);
      const [code, what, chosen] = index === 0 ? (["balancer_unknown", "balancer", balancer] as const) : (["policy_unknown", "policy", this.options.policy] as const);
      const { detail, unknown } = reply;
      if (unknown === undefined) throw new SimulationRefusal(code, `The ${what} ${JSON.stringify(chosen)}: ${detail}.`);
      throw new SimulationRefusal(code, `There is no ${what} of this name: ${detail}.`, { ...unknown });
    });
    this.agents.forEach(({ group }, index) => this.#calendar.push(START_AT + (group.startUpMs ?? 0), index));
  }

  /** How a queue that is seen for the first time decides. */
  #settingsOf(queue: string): readonly Event[] {
    const { policy, fairShare } = this.options;
    this.#queues.add(queue);
    const settings: Event[] = [{ kind: "policy", queue, policy }];
    if (fairShare !== undefined) settings.push({ kind: "fair-share", queue, weights: fairShare });
    return settings;
  }

  #instant(at: number): void {
    const events = this.#events;
    const source = this.#source;
    events.begin();
    this.#submissions.begin();
    this.#reports.begin();
    this.meter.pass(at, this.#table.size, this.#working);
    this.#now = at;
    while (this.#cutOff.length > 0) events.push(this.#cutOff.pop()!);
    while (this.#work.firstAt <= at) this.#attemptEnds(this.#work.pop(), at);
    while (this.#calendar.firstAt <= at) this.#agentChanges(this.#calendar.pop(), at);
    while (START_AT + source.nextAtMs <= at && source.isStarved !== true) this.#arrives(source.take(), at);
    const flow = this.#submissions.flow();
    if (flow !== undefined) events.push(flow);
    this.events += events.count + (this.#wakeAt <= at ? 1 : 0);
    this.#carryOut(this.#scheduler.turn(at, events.take()), at);
  }

  #arrives(task: WorkloadTask, at: number): void {
    const spec = this.#submissions.spec(task);
    if (spec.queue !== DEFAULT_QUEUE && !this.#queues.has(spec.queue)) for (const setting of this.#settingsOf(spec.queue)) this.#events.push(setting);
    const id = ++this.#submitted;
    if (id > this.meter.warmUpTasks && !this.meter.isMeasuring) this.#beginsToMeasure(at);
    if (id === 1) this.meter.startedAt = at;
    const table = this.#table;
    const slot = table.take();
    this.#ids.set(id, slot);
    table.id[slot] = id;
    table.attempt[slot] = 0;
    table.agent[slot] = 0;
    table.releasedAt[slot] = task.needs === undefined || task.needs.length === 0 ? at : Number.NaN;
    table.firstStartAt[slot] = Number.NaN;
    table.workMs[slot] = task.serviceMs;
    table.leftMs[slot] = task.serviceMs;
    table.heldMs[slot] = 0;
    table.dueAt[slot] = task.dueMs === undefined ? Number.NaN : START_AT + task.dueMs;
    table.cost[slot] = task.cost ?? 0;
    table.spec[slot] = spec.id;
    table.type[slot] = this.meter.types.number(spec.type);
    table.tenant[slot] = task.tenant === undefined ? -1 : this.meter.tenants.number(task.tenant);
    table.ref[slot] = task.ref ?? -1;
    if (task.session !== undefined) table.session[slot] = task.session;
    table.endsSession[slot] = task.endsSession === true ? 1 : 0;
    if (this.#source.hasNeeds === true) this.#submissions.gather(task, spec, id);
    else this.#events.push(this.#submissions.submit(task, spec));
  }

  #beginsToMeasure(at: number): void {
    this.meter.begin(at);
    for (const agent of this.agents) {
      agent.busyMs = 0;
      agent.upMs = 0;
    }
  }

  #carryOut(turn: Turn, at: number): void {
    const { replies, commands, changes, wakeAt } = turn;
    this.#wakeAt = wakeAt ?? Infinity;
    for (let index = 0; index < replies.length; index++) {
      const reply = replies[index]!;
      // Those of attempts that were cut off are stale, as they should be.
      if (reply.kind === "refused" && reply.code !== "stale_attempt") throw new SimulationRefusal("invalid_input", `The scheduler refused an event: ${reply.detail}.`);
    }
    for (let index = 0; index < commands.length; index++) {
      const command = commands[index]!;
      if (command.kind === "start") this.#starts(command, at);
      else this.#stops(command, at);
    }
    for (let index = 0; index < changes.length; index++) {
      const { state, task } = changes[index]!;
      if (isFinal(state)) this.#settles(task.id, state, at);
    }
  }

  #starts(command: Extract<Command, { kind: "start" }>, at: number): void {
    const { task, agentId } = command;
    const table = this.#table;
    const slot = this.#ids.get(task.id);
    assert(slot !== -1, "a task that starts is in the system");
    this.starts += 1;
    this.decisions.add(task.id, agentId, at);
    if (command.attempt === 1) {
      table.firstStartAt[slot] = at;
      if (Number.isNaN(table.releasedAt[slot])) table.releasedAt[slot] = firstReadyAt(task);
    }
    table.attempt[slot] = command.attempt;
    table.agent[slot] = agentId;
    const agent = this.agents[agentId - 1]!;
    if (agent.working < agent.workers) this.#begins(slot, agent, at);
    else {
      table.startedAt[slot] = Number.NaN;
      agent.waiting.push(slot);
    }
  }

  /** The agent begins to work on an attempt that it has. */
  #begins(slot: number, agent: VirtualAgent, at: number): void {
    const table = this.#table;
    const { seed } = this.options;
    const id = table.id[slot]!;
    const attempt = table.attempt[slot]!;
    const spec = table.spec[slot]!;
    agent.working += 1;
    this.#working += 1;
    const rate = agent.speed(spec, this.#submissions.typeOf(spec)) / agent.slowness(seed, id, attempt);
    const share = agent.failurePoint(seed, id, attempt);
    table.startedAt[slot] = at;
    table.rate[slot] = rate;
    table.ending[slot] = share < 1 ? ENDING.failure : ENDING.success;
    this.#work.push(at + (table.leftMs[slot]! * share) / rate, slot);
  }

  /** An attempt is over as its agent sees it, and the agent reports. */
  #attemptEnds(slot: number, at: number): void {
    const table = this.#table;
    const startedAt = table.startedAt[slot]!;
    const costBefore = table.cost[slot]!;
    this.#endsWork(slot, at);
    const ending = table.ending[slot]!;
    if (ending === ENDING.failure) {
      table.leftMs[slot] = table.workMs[slot]!;
      this.meter.retries += 1;
    }
    this.#events.push(this.#reports.end(ending, table.id[slot]!, table.attempt[slot]!, startedAt, table.cost[slot]! - costBefore));
  }

  /** The agent has a worker free, and goes on with what waits on it. */
  #endsWork(slot: number, at: number): void {
    const table = this.#table;
    const agent = this.agents[table.agent[slot]! - 1]!;
    const ms = at - table.startedAt[slot]!;
    table.heldMs[slot]! += ms;
    table.cost[slot]! += (ms / 3_600_000) * (agent.group.costPerHour ?? 0);
    agent.busyMs += at - Math.max(table.startedAt[slot]!, this.meter.measuredFrom);
    agent.working -= 1;
    this.#working -= 1;
    if (agent.waiting.length > 0) this.#begins(agent.waiting.shift()!, agent, at);
  }

  #stops({ id, attempt, agentId, reason }: Extract<Command, { kind: "stop" }>, at: number): void {
    const table = this.#table;
    const slot = this.#ids.get(id);
    // What ran on an agent that broke down was taken off it then.
    if (reason === "agent_lost" || slot === -1 || table.attempt[slot] !== attempt) return;
    const isWorkedOn = this.#work.has(slot);
    if (reason === "preempted" && isWorkedOn) {
      const doneMs = (at - table.startedAt[slot]!) * table.rate[slot]!;
      if (this.options.preemption === "resume") table.leftMs[slot] = Math.max(0, table.leftMs[slot]! - doneMs);
      else table.leftMs[slot] = table.workMs[slot]!;
      table.ending[slot] = ENDING.leaving;
      this.#work.remove(slot);
      this.#work.push(at + this.options.preemptionMs, slot);
      this.meter.preemptions += 1;
      return;
    }
    if (isWorkedOn) {
      this.#work.remove(slot);
      this.#endsWork(slot, at);
    } else remove(this.agents[agentId - 1]!.waiting, slot);
    this.#cutOff.push(this.#reports.release(id, attempt, at));
  }

  #settles(id: number, state: FinalState, at: number): void {
    const slot = this.#ids.get(id);
    if (slot === -1) return;
    const table = this.#table;
    this.meter.end(table, slot, state, at);
    const ref = table.ref[slot]!;
    table.session[slot] = undefined;
    this.#ids.delete(id);
    table.give(slot);
    if (ref === -1) return;
    this.#submissions.settled(ref, state);
    this.#source.ended?.(ref, at - START_AT);
  }

  #agentChanges(index: number, at: number): void {
    const agent = this.agents[index]!;
    if (!agent.isUp) {
      agent.isUp = true;
      agent.upSince = at;
      this.#events.push({ kind: "agent-join", agent: agent.spec, id: index + 1 });
      const breaksAt = agent.breaksAt(at);
      if (breaksAt < Infinity) this.#calendar.push(breaksAt, index);
      return;
    }
    this.#loseAttempts(index + 1, agent, at);
    agent.isUp = false;
    agent.upMs += at - Math.max(agent.upSince, this.meter.measuredFrom);
    this.#events.push({ kind: "agent-leave", id: index + 1, drain: false });
    this.#calendar.push(agent.backAt(at), index);
  }

  /** Everything on the agent is lost, with the work that was done. */
  #loseAttempts(agentId: number, agent: VirtualAgent, at: number): void {
    const table = this.#table;
    this.meter.losses += agent.waiting.length;
    agent.waiting.length = 0;
    const lost = this.#work.items().filter((slot) => table.agent[slot] === agentId).sort();
    for (const slot of lost) {
      this.#work.remove(slot);
      this.#endsWork(slot, at);
      table.leftMs[slot] = table.workMs[slot]!;
      this.meter.losses += 1;
    }
  }
}

function remove(from: number[], item: number): void {
  const index = from.indexOf(item);
  if (index !== -1) from.splice(index, 1);
}
