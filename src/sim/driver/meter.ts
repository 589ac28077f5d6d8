/**
 * Measures a simulation while it runs: the tasks that end, by type, tenant, agent and session, and what there was over time. The
 * tasks of the warm-up, the first that are submitted, are simulated but not measured, and time counts from the first that is.
 */
import type { FinalState } from "../../core/task.ts";
import { Groups } from "../results/groups.ts";
import { Sessions } from "../results/sessions.ts";
import { Series } from "../results/series.ts";
import { Tally, type TaskEnd } from "../results/tally.ts";
import { IdTable } from "./id-table.ts";
import type { TaskTable } from "./task-table.ts";

/** Beyond this many agents, distributions are not kept for each. */
const AGENTS_KEPT_APART = 1_000;
/** Beyond this many combinations of type, tenant and agent, tasks of others are added to each of the three by itself. */
const CELLS_MAX = 1_000;

interface Cell {
  readonly tally: Tally;
  readonly type: number;
  readonly tenant: number;
  readonly agent: number;
}

export class Meter {
  readonly warmUpTasks: number;
  readonly types = new Groups();
  readonly tenants = new Groups();
  readonly sessions = new Sessions();
  /** By the agent's number; empty when there are too many. */
  readonly agents: readonly Tally[];
  /** Undefined unless it was asked for. */
  readonly series: Series | undefined;
  /** Integrals over the measured time, in task-ms. */
  inSystemMs = 0;
  inSystemMax = 0;
  busyMs = 0;
  preemptions = 0;
  retries = 0;
  losses = 0;
  /** First arrival, start of the measurement, and the last instant so far. */
  startedAt = 0;
  measuredFrom = 0;
  endedAt = 0;
  #isMeasuring: boolean;
  #lastAt: number;
  /** A tally for each combination of type, tenant and agent: a task is added once, and the groups are summed up at the end. */
  readonly #cells: Cell[] = [];
  #places = new IdTable();
  /** Filled anew for every task that ends. */
  readonly #end: TaskEnd = { state: "succeeded", sojournMs: 0, waitMs: 0, serviceMs: 0, workMs: 0, latenessMs: 0, cost: 0 };

  constructor(options: { readonly startAt: number; readonly warmUpTasks: number; readonly agentCount: number; readonly series: boolean }) {
    const { startAt, warmUpTasks, agentCount, series } = options;
    this.warmUpTasks = warmUpTasks;
    this.agents = Array.from({ length: agentCount > AGENTS_KEPT_APART ? 0 : agentCount }, () => new Tally());
    this.series = series ? new Series() : undefined;
    this.startedAt = startAt;
    this.measuredFrom = startAt;
    this.#lastAt = startAt;
    this.#isMeasuring = warmUpTasks === 0;
  }

  get isMeasuring(): boolean {
    return this.#isMeasuring;
  }

  /** Time passes to `at`; so many tasks were in the system since the last instant, and so many of them worked on. */
  pass(at: number, inSystem: number, busy: number): void {
    if (at === this.#lastAt) return;
    if (this.#isMeasuring) {
      const ms = at - this.#lastAt;
      this.inSystemMs += inSystem * ms;
      this.busyMs += busy * ms;
      if (inSystem > this.inSystemMax) this.inSystemMax = inSystem;
    }
    if (this.series !== undefined) this.series.add(this.#lastAt - this.startedAt, at - this.startedAt, inSystem, busy);
    this.#lastAt = at;
  }

  /** The warm-up is over: the first measured task arrives. */
  begin(at: number): void {
    this.#isMeasuring = true;
    this.measuredFrom = at;
  }

  /** A task has ended; its row is still in the table. */
  end(table: TaskTable, slot: number, state: FinalState, at: number): void {
    this.endedAt = at;
    const isMeasured = table.id[slot]! > this.warmUpTasks;
    const releasedAt = table.releasedAt[slot]!;
    if (isMeasured) {
      const end = this.#end;
      end.state = state;
      // Differences of instants may miss nothing by the last bit.
      end.sojournMs = Math.max(0, at - releasedAt);
      end.waitMs = Math.max(0, table.firstStartAt[slot]! - releasedAt);
      end.serviceMs = Math.max(0, table.heldMs[slot]!);
      end.workMs = table.workMs[slot]!;
      end.latenessMs = at - table.dueAt[slot]!;
      end.cost = table.cost[slot]!;
      this.#add(end, table.type[slot]!, table.tenant[slot]!, table.agent[slot]!);
    }
    const session = table.session[slot];
    if (session === undefined) return;
    if (isMeasured && state === "succeeded") this.sessions.add(session, releasedAt, at, table.workMs[slot]!);
    if (table.endsSession[slot] === 1) this.sessions.close(session);
  }

  /** Sums the groups up. Call it before they are read. */
  fold(): void {
    for (const { tally, type, tenant, agent } of this.#cells) {
      for (const group of this.#groupsOf(type, tenant, agent)) group.merge(tally);
    }
    this.#cells.length = 0;
    this.#places = new IdTable();
  }

  #add(end: TaskEnd, type: number, tenant: number, agent: number): void {
    const key = (type * 1024 + tenant + 1) * 1024 + (agent <= AGENTS_KEPT_APART ? agent : 0);
    let cell = this.#cells[this.#places.get(key)];
    if (cell === undefined) {
      if (this.#cells.length >= CELLS_MAX) {
        for (const group of this.#groupsOf(type, tenant, agent)) group.add(end);
        return;
      }
      cell = { tally: new Tally(), type, tenant, agent };
      this.#places.set(key, this.#cells.length);
      this.#cells.push(cell);
    }
    cell.tally.add(end);
  }

  /** A task that never ran has no agent; of very many agents none is kept apart. */
  #groupsOf(type: number, tenant: number, agent: number): readonly Tally[] {
    const ofAgent = this.agents[agent - 1];
    const ofTenant = this.tenants.tallies[tenant];
    return [this.types.tallies[type]!, ...(ofTenant === undefined ? [] : [ofTenant]), ...(ofAgent === undefined ? [] : [ofAgent])];
  }
}
