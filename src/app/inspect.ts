/**
 * What people ask of a store file from outside its engine: the command line reads through this, whether or not a run has the
 * file open. Reading takes no lock and changes nothing. Changes are asked for through `control` in inspect/control.ts, which is
 * not reached from here: it brings a whole engine, and a list must be there at once.
 */
import { TASK_STATES, isFinal, type FlowId, type TaskId, type TaskState } from "../core/task.ts";
import type { Payload } from "../core/event.ts";
import { limitsKept } from "../engine/limit-rows.ts";
import { learnedOf } from "../engine/learned.ts";
import { estimateReport, type EstimateReport } from "../monitor/estimate-report.ts";
import { MakespanError } from "../protocol/errors.ts";
import { formatFlowId, formatTaskId } from "../protocol/ids.ts";
import type { AgentRow, FlowRow, LogRow, TaskRow } from "../store/rows.ts";
import type { PayloadKind, StoreInfo, TaskFilter, TaskPage } from "../store/store.ts";
import { isOwned, openSqliteReader, type SqliteReader } from "../store/sqlite/reader.ts";
import { attemptsOf, hasSpentAttempts, type AttemptView } from "./inspect/attempts.ts";
import { limitView, type LimitView } from "./inspect/limit-view.ts";
import { fileKpis, type FileKpis } from "./inspect/file-kpis.ts";
import { queuesView, type QueuesView } from "./inspect/queues.ts";
import { whyInFile } from "./why/file-view.ts";
import { pastWhy, rowSurroundings } from "./why/past.ts";
import { taskWhy, type TaskWhy } from "./why/task-why.ts";

export type { TaskWhy } from "./why/task-why.ts";
export type { AgentRow, FlowRow, LogRow, TaskRow } from "../store/rows.ts";
export type { StoreInfo, TaskFilter } from "../store/store.ts";
export type { TaskId, TaskState } from "../core/task.ts";
export type { AgentUse, FileKpis } from "./inspect/file-kpis.ts";
export type { LimitView } from "./inspect/limit-view.ts";
export type { AttemptView } from "./inspect/attempts.ts";
export type { QueuesView, QueueView } from "./inspect/queues.ts";
export { errorParts, errorText, messageOf } from "./inspect/error-parts.ts";
export { serviceMsOf, sojournMsOf, waitMsOf } from "./inspect/measures.ts";
export { isFinal, TASK_STATES };

/** States of tasks that have not settled, and of those that can be run again. */
export const LIVE_STATES: readonly TaskState[] = TASK_STATES.filter((state) => !isFinal(state));
export const REDRIVABLE_STATES = ["failed", "cancelled", "expired", "shed", "skipped"] as const satisfies readonly TaskState[];

const PAGE = 500;

/** Opens the file at `path` for reading. Throws `store_*` when it is not there or not a store file. */
export function inspect(path: string): Inspector {
  return new Inspector(path, openSqliteReader(path));
}

export class Inspector {
  readonly path: string;
  readonly #reader: SqliteReader;
  #agents: Map<number, AgentRow> | undefined;

  constructor(path: string, reader: SqliteReader) {
    this.path = path;
    this.#reader = reader;
  }

  /** An engine, in whatever process, has the file open at this moment. */
  get isOwned(): boolean {
    return isOwned(this.path);
  }

  /** How agents are picked when an engine has the file open, with its options. */
  get balancer(): string {
    return this.queues().balancer;
  }

  /** Declared limits, with what counts of them at `now` as far as the file knows; what runs counts with all that it reserved. */
  limits(now: number): readonly LimitView[] {
    return limitsKept(this.#reader.settingList()).map((limit) => limitView(limit, now));
  }

  info(): StoreInfo {
    return this.#reader.info();
  }

  /** By id; beyond `after` when it is given. */
  list(filter: TaskFilter, { after, limit, descending = true }: { readonly after?: TaskId | undefined; readonly limit: number; readonly descending?: boolean }): readonly TaskRow[] {
    return this.#reader.taskList({ filter, after, limit, descending });
  }

  /** Every task that matches, a page at a time. */
  *pages(filter: TaskFilter, { after, descending = false }: { readonly after?: TaskId | undefined; readonly descending?: boolean } = {}): Generator<readonly TaskRow[]> {
    for (let from = after; ; ) {
      const page = this.list(filter, { after: from, limit: PAGE, descending });
      if (page.length > 0) yield page;
      if (page.length < PAGE) return;
      from = page[page.length - 1]!.id;
    }
  }

  /** Error and result come along if `payloads`. Unknown ids are left out. */
  tasks(ids: readonly TaskId[], payloads = false): readonly TaskRow[] {
    return this.#reader.taskGet(ids, payloads);
  }

  /** With error and result. Throws `task_not_found`. */
  task(id: TaskId): TaskRow {
    const [task] = this.tasks([id], true);
    if (task === undefined) throw new MakespanError("task_not_found", `There is no task ${formatTaskId(id)} in ${this.path}. See makespan ls.`);
    return task;
  }

  payload(id: TaskId, kind: PayloadKind): Payload | null {
    return this.#reader.payloadLoad([{ id, kind }])[0] ?? null;
  }

  attempts(task: TaskRow): readonly AttemptView[] {
    return attemptsOf(task, hasSpentAttempts(task) ? this.#reader.attemptList(task.id) : []);
  }

  /** Beyond the first `after` lines. */
  logs(id: TaskId, after: number, limit: number): readonly LogRow[] {
    return this.#reader.logList(id, after, limit);
  }

  *flows(): Generator<FlowRow> {
    for (let after = 0; ; ) {
      const page = this.#reader.flowList(after, PAGE);
      yield* page;
      if (page.length < PAGE) return;
      after = page[page.length - 1]!.id;
    }
  }

  /** Throws `flow_not_found`. */
  flow(id: FlowId): FlowRow {
    const [flow] = this.#reader.flowList(id - 1, 1);
    if (flow?.id === id) return flow;
    throw new MakespanError("flow_not_found", `There is no flow ${formatFlowId(id)} in ${this.path}. See makespan stats --by-flow.`);
  }

  /** The agent's name, also of one that joined since the last call. */
  agentName(id: number | null): string | undefined {
    return id === null ? undefined : this.agent(id)?.name;
  }

  agent(id: number): AgentRow | undefined {
    if (this.#agents?.has(id) !== true) this.#agents = this.#loadAgents();
    return this.#agents.get(id);
  }

  /** Why the task is where it is. O(live tasks), unless it has ended; where a policy looks at sessions, also what those were served. */
  why(task: TaskRow, now: number): TaskWhy {
    const { isOwned } = this;
    const settings = this.#reader.settingList();
    const source = { taskList: (page: TaskPage) => this.#reader.taskList(page), flows: () => this.flows(), agents: this.#loadAgents(), settings, served: () => this.#reader.served(), isOwned };
    const names = (id: TaskId): string | undefined => this.tasks([id])[0]?.name ?? undefined;
    for (let row = task; ; row = this.task(task.id)) {
      const why = pastWhy(row) ?? whyInFile(source, row, now);
      const needs = row.state === "skipped" ? this.tasks(row.needs ?? []) : [];
      // Undefined: it has settled in between.
      if (why !== undefined) return taskWhy(why, { now, isOwned, agentsAreGuessed: true, nameOf: names, ...rowSurroundings(row, needs) });
    }
  }

  /** Every queue that has tasks or settings. */
  queues(): QueuesView {
    return queuesView(this.#reader.queueCounts(), this.#reader.settingList());
  }

  kpis(filter: TaskFilter): FileKpis {
    return fileKpis({ pages: this.pages(filter), agents: this.#loadAgents(), attempts: (id) => this.#reader.attemptList(id) });
  }

  /** What was learned of durations, as the engine last wrote it: at most a few seconds ago while one is at work. */
  estimates(): EstimateReport {
    const { types, ignored } = learnedOf(this.#reader.settingList());
    return estimateReport(types, ignored);
  }

  close(): void {
    this.#reader.close();
  }

  #loadAgents(): Map<number, AgentRow> {
    return new Map(this.#reader.agentList().map((agent) => [agent.id, agent]));
  }
}
