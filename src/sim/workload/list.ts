/**
 * A workload that is all in memory: sorted by arrival, with its dependencies checked. A task that needs others arrives no earlier
 * than they do. One with a think time is closed-loop: it is released so long after the tasks that it needs have ended, as a person
 * or an agent sends the next request after reading the answer to the last.
 */
import { findCycle } from "../../core/struct/graph.ts";
import { EventHeap } from "../driver/event-heap.ts";
import { SimulationRefusal } from "../refusal.ts";
import { DEFAULT_TYPE, type TaskSource, type WorkloadTask } from "./task.ts";
import type { Workload } from "./workload.ts";

/** A task as users and readers write it: others are needed by their ids. */
export interface TaskEntry extends Omit<WorkloadTask, "ref" | "needs" | "endsSession"> {
  readonly id?: string | undefined;
  /** Ids of tasks that must end before it; they may stand after it. */
  readonly needs?: readonly string[] | undefined;
  /** Released this long after the tasks it needs have ended, whatever their outcome; without `needs` after the one before it in its session. */
  readonly thinkMs?: number | undefined;
  /** Where it stands in its file, for messages. */
  readonly line?: number | undefined;
}

interface Checked extends WorkloadTask {
  readonly closedNeeds: readonly number[] | undefined;
  readonly thinkMs: number;
}

export class TaskList implements Workload {
  readonly name: string;
  readonly taskCount: number;
  readonly notes: readonly string[];
  readonly types: readonly string[];
  readonly #tasks: readonly Checked[];
  /** For each task the closed-loop tasks that wait for its end. */
  readonly #followers: ReadonlyMap<number, readonly number[]>;
  readonly #hasNeeds: boolean;

  /** Throws a refusal that names the line of an id that is there twice or not at all, or a cycle. */
  constructor(entries: readonly TaskEntry[], name = "tasks") {
    this.name = name;
    this.taskCount = entries.length;
    const types = new Set(entries.map(({ type }) => type ?? DEFAULT_TYPE));
    this.types = types.size === 0 ? [DEFAULT_TYPE] : [...types];
    const needs = resolveNeeds(entries);
    const order = arrivalOrder(entries, needs);
    this.notes = notesOf(entries);
    this.#tasks = checked(entries, needs, order);
    this.#hasNeeds = this.#tasks.some((task) => task.needs !== undefined);
    const followers = new Map<number, number[]>();
    this.#tasks.forEach((task, index) => {
      for (const need of task.closedNeeds ?? []) followers.set(need, [...(followers.get(need) ?? []), index]);
    });
    this.#followers = followers;
  }

  open(): TaskSource {
    return new ListSource(this.#tasks, this.#followers, this.types, this.#hasNeeds);
  }
}

class ListSource implements TaskSource {
  readonly types: readonly string[];
  readonly taskCount: number;
  readonly hasNeeds: boolean;
  readonly #tasks: readonly Checked[];
  readonly #followers: ReadonlyMap<number, readonly number[]>;
  /** Of closed-loop tasks: how many of the tasks they need have not ended. */
  readonly #open: Int32Array;
  /** Closed-loop tasks that will be released. */
  readonly #released = new EventHeap();
  #next = -1;

  constructor(tasks: readonly Checked[], followers: ReadonlyMap<number, readonly number[]>, types: readonly string[], hasNeeds: boolean) {
    this.types = types;
    this.taskCount = tasks.length;
    this.hasNeeds = hasNeeds;
    this.#tasks = tasks;
    this.#followers = followers;
    this.#open = Int32Array.from(tasks, ({ closedNeeds }) => closedNeeds?.length ?? 0);
    this.#skipClosed();
  }

  get nextAtMs(): number {
    const next = this.#tasks[this.#next];
    return Math.min(next === undefined ? Infinity : next.arrivalMs, this.#released.firstAt);
  }

  take(): WorkloadTask {
    const next = this.#tasks[this.#next];
    if (next === undefined || this.#released.firstAt < next.arrivalMs) return { ...this.#tasks[this.#released.first]!, arrivalMs: this.#takeReleased() };
    this.#skipClosed();
    return next;
  }

  ended(ref: number, atMs: number): void {
    for (const follower of this.#followers.get(ref) ?? []) {
      this.#open[follower]! -= 1;
      if (this.#open[follower] !== 0) continue;
      const { arrivalMs, thinkMs } = this.#tasks[follower]!;
      this.#released.push(Math.max(arrivalMs, atMs + thinkMs), follower);
    }
  }

  #takeReleased(): number {
    const at = this.#released.firstAt;
    this.#released.pop();
    return at;
  }

  /** To the next task that arrives by itself. */
  #skipClosed(): void {
    do this.#next += 1;
    while (this.#tasks[this.#next]?.closedNeeds !== undefined);
  }
}

/** For each entry the indexes of those it needs. */
function resolveNeeds(entries: readonly TaskEntry[]): readonly (readonly number[])[] {
  const byId = new Map<string, number>();
  entries.forEach(({ id, line }, index) => {
    if (id === undefined) return;
    if (byId.has(id)) throw new SimulationRefusal("duplicate_id", `${at(line)}the id ${JSON.stringify(id)} is there twice: ids name one task each.`, { line });
    byId.set(id, index);
  });
  const lastOfSession = new Map<string, number>();
  const needs = entries.map(({ needs, thinkMs, session, line }, index) => {
    const before = session === undefined ? undefined : lastOfSession.get(session);
    if (session !== undefined) lastOfSession.set(session, index);
    if (needs !== undefined && needs.length > 0) {
      return needs.map((id) => {
        const need = byId.get(id);
        if (need !== undefined) return need;
        throw new SimulationRefusal("dependency_unknown", `${at(line)}needs ${JSON.stringify(id)}, and no task has that id.`, { line });
      });
    }
    return thinkMs === undefined || before === undefined ? [] : [before];
  });
  const cycle = needs.some((list) => list.length > 0) ? findCycle(needs) : undefined;
  if (cycle !== undefined) {
    const names = cycle.map((index) => entries[index]!.id ?? `the task of line ${entries[index]!.line}`);
    throw new SimulationRefusal("flow_cycle", `${at(entries[cycle[0]!]!.line)}tasks need each other in a circle: ${[...names, names[0]].join(" → ")}.`, { cycle: names });
  }
  return needs;
}

/** Indexes by the instant of arrival; at one instant, what is needed stands before what needs it, and else in the order of the list. */
function arrivalOrder(entries: readonly TaskEntry[], needs: readonly (readonly number[])[]): readonly { readonly index: number; readonly arrivalMs: number }[] {
  const arrivals = new Float64Array(entries.length).fill(-1);
  const order: number[] = [];
  for (let root = 0; root < entries.length; root++) {
    // Depth first without recursion: a chain of needs may be as long as the list.
    for (const path = [root]; path.length > 0; ) {
      const index = path[path.length - 1]!;
      const open = arrivals[index]! >= 0 ? undefined : needs[index]!.find((need) => arrivals[need]! < 0);
      if (open !== undefined) path.push(open);
      else {
        path.pop();
        if (arrivals[index]! >= 0) continue;
        arrivals[index] = needs[index]!.reduce((latest, need) => Math.max(latest, arrivals[need]!), entries[index]!.arrivalMs);
        order.push(index);
      }
    }
  }
  return order.map((index) => ({ index, arrivalMs: arrivals[index]! })).sort((a, b) => a.arrivalMs - b.arrivalMs);
}

/** The tasks in the order of their arrival, needs and refs by their new places. */
function checked(
  entries: readonly TaskEntry[],
  needs: readonly (readonly number[])[],
  order: readonly { readonly index: number; readonly arrivalMs: number }[],
): readonly Checked[] {
  const places = new Int32Array(entries.length);
  order.forEach(({ index }, place) => (places[index] = place));
  const isNeeded = new Uint8Array(entries.length);
  for (const list of needs) for (const need of list) isNeeded[need] = 1;
  const lastOfSession = new Map<string, number>();
  order.forEach(({ index }, place) => {
    const { session } = entries[index]!;
    if (session !== undefined) lastOfSession.set(session, place);
  });
  const isClosed = new Uint8Array(entries.length);
  return order.map(({ index, arrivalMs }, place): Checked => {
    const { id: _, line: _line, thinkMs, needs: _ids, ...rest } = entries[index]!;
    const list = needs[index]!;
    // What needs a closed-loop task cannot be submitted before that one is, and waits in the same way.
    if (list.length > 0 && (thinkMs !== undefined || list.some((need) => isClosed[need] === 1))) isClosed[index] = 1;
    const refs = list.length === 0 ? undefined : list.map((need) => places[need]!);
    return {
      ...rest,
      arrivalMs,
      thinkMs: thinkMs ?? 0,
      ref: isNeeded[index] === 1 ? place : undefined,
      needs: isClosed[index] === 1 ? undefined : refs,
      closedNeeds: isClosed[index] === 1 ? refs : undefined,
      endsSession: rest.session !== undefined && lastOfSession.get(rest.session) === place,
    };
  });
}

function notesOf(entries: readonly TaskEntry[]): readonly string[] {
  const late = entries.findIndex(({ arrivalMs }, index) => index > 0 && arrivalMs < entries[index - 1]!.arrivalMs);
  if (late === -1) return [];
  const { line } = entries[late]!;
  return [`The arrivals are not in order (${line === undefined ? `task ${late + 1}` : `line ${line}`} comes before the one above it): they were sorted.`];
}

function at(line: number | undefined): string {
  return line === undefined ? "" : `Line ${line}: `;
}
