/**
 * The record of a task in memory. A million of them may wait, so it holds only what every task has: failures and losses, which
 * most never know, lie in the rarely used part and read as 0 without it (16 bytes less a task).
 */
import type { Attempt } from "./attempt.ts";
import type { Instant, Spec, Task, TaskExtra, TaskId, TaskState } from "./task.ts";

export class TaskRecord implements Task {
  readonly id: TaskId;
  readonly spec: Spec;
  state: TaskState;
  attempt: number;
  readyAt: Instant;
  heapSlot = -1;
  run: Attempt | undefined = undefined;
  extra: TaskExtra | undefined = undefined;
  changeIndex = -1;

  constructor(id: TaskId, spec: Spec, state: TaskState, attempt: number, readyAt: Instant) {
    this.id = id;
    this.spec = spec;
    this.state = state;
    this.attempt = attempt;
    this.readyAt = readyAt;
  }

  get failures(): number {
    return this.extra?.failures ?? 0;
  }

  set failures(count: number) {
    if (count !== this.failures) extraOf(this).failures = count;
  }

  get losses(): number {
    return this.extra?.losses ?? 0;
  }

  set losses(count: number) {
    if (count !== this.losses) extraOf(this).losses = count;
  }
}

/** The rarely used part of a task, made when first needed. */
export function extraOf(task: Task): TaskExtra {
  return (task.extra ??= emptyExtra());
}

/**
 * What policies and limits look at has its place from the start: where fields are added in any order, objects have dozens of shapes, and
 * each look costs a search (a tenth of the core's time with due dates, keys and preemption). It costs 104 bytes a task that has any of it.
 */
export function emptyExtra(): TaskExtra {
  return {
    needsOpen: 0,
    childrenOpen: 0,
    flow: undefined,
    limitKey: undefined,
    uses: undefined,
    dueAt: undefined,
    deadlineAt: undefined,
    estimateMs: undefined,
    tenant: undefined,
    session: undefined,
    size: undefined,
    waitsAt: undefined,
    firstReadyAt: undefined,
    workedMs: undefined,
    servedMs: undefined,
  };
}

/** What only some tasks have and policies, limits and balancers look at, from a submission or a stored row; the session is apart, since it lives longer. */
export function setTraits(task: Task, from: Traits): void {
  if (isGiven(from.tenant)) extraOf(task).tenant = from.tenant;
  if (isGiven(from.weight)) extraOf(task).weight = from.weight;
  if (isGiven(from.size)) extraOf(task).size = from.size;
  if (isGiven(from.region)) extraOf(task).region = from.region;
  if (isGiven(from.uses)) extraOf(task).uses = from.uses;
}

type Trait = "tenant" | "weight" | "size" | "region" | "uses";
type Traits = { readonly [Name in Trait]?: TaskExtra[Name] | null };

function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null;
}
