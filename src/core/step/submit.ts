/**
 * Step: tasks come in. Either all of a submission is accepted or none of it: keys are resolved first (a key that is taken
 * names the existing task), then needs, and only when nothing is wrong are tasks made.
 */
import type { Event, Need, NewTask, Reply } from "../event.ts";
import type { Flow } from "../flow.ts";
import { asks, lateOnes, type Candidate, type LateTask } from "../foresight/admission.ts";
import { watchDue } from "../foresight/risk.ts";
import { findCycle } from "../struct/graph.ts";
import { codeOf } from "../state-counts.ts";
import { lengthenTails } from "../tails.ts";
import { firstReadyAt, isFinal, type Instant, type Task, type TaskId, type TaskState } from "../task.ts";
import { extraOf, setTraits, TaskRecord } from "../task-record.ts";
import type { World } from "../world.ts";
import { runningAttempt } from "./attempts.ts";
import { release } from "./release.ts";
import { giveUp } from "./settle.ts";

type Submit = Extract<Event, { kind: "submit" }>;

/** What stands at an index of the submission: a task to be made, one in memory, or a finished one that only the store knows. */
type Slot =
  | { readonly kind: "new"; readonly task: NewTask; readonly supersedes: TaskId | undefined }
  | { readonly kind: "same"; readonly index: number }
  | { readonly kind: "live"; readonly task: Task }
  | { readonly kind: "past"; readonly id: TaskId; readonly state: TaskState };

const BLOCKED = codeOf("blocked");
const NO_DUPLICATES: readonly number[] = [];

export function submit(world: World, event: Submit): Reply {
  if (event.by !== undefined && runningAttempt(world, event.by.id, event.by.attempt) === undefined) {
    return { kind: "refused", code: "stale_attempt", detail: `attempt ${event.by.attempt} of task ${event.by.id} has ended` };
  }
  if (event.flow === undefined && event.by === undefined && event.tasks.every(isPlain)) return submitPlain(world, event.tasks);
  const slots = resolveKeys(world, event.tasks);
  const refusal = checkKeys(slots) ?? checkNeeds(world, slots) ?? checkUses(world, slots);
  if (refusal !== undefined) return refusal;

  const late = lateOnes(world, candidatesOf(world, slots), flowOnTrial(world, event));
  const refused = late.filter(({ index }) => event.tasks[index]!.ifLate === "refuse");
  if (refused.length > 0) return cannotMakeIt(event.tasks, refused);

  const parent = event.by === undefined ? undefined : world.tasks.get(event.by.id);
  const flow = event.flow !== undefined && slots.some((slot) => slot.kind === "new") ? openFlow(world, event.flow.name) : undefined;
  const made: (Task | undefined)[] = slots.map((slot) => (slot.kind === "new" ? makeTask(world, slot.task, slot.supersedes, flow, parent) : undefined));
  for (const { index } of late) extraOf(made[index]!).isBestEffort = true;
  slots.forEach((slot, index) => {
    if (slot.kind === "new" && slot.task.needs !== undefined) joinNeeds(world, made[index]!, slot.task, slots, made);
  });
  lengthenPaths(world, event.tasks, made);
  // Released only when all are joined: a task must not start before its dependents are known.
  made.forEach((task, index) => {
    if (task !== undefined) admit(world, task, slots, index);
  });
  const paths = new Map<Task, number>();
  for (const task of made) if (task?.state === "blocked") watchDue(world, task, paths);
  const duplicates = slots.flatMap((slot, index) => (slot.kind === "new" ? [] : [index]));
  return { kind: "submitted", ids: slots.map((_, index) => idAt(slots, made, index)), duplicates, flowId: flow?.id ?? parent?.extra?.flow?.id, ...(late.length > 0 && { downgraded: late }) };
}

/** Neither a key to be looked up, nor a relation to another task, nor a question whether it can make it. */
function isPlain(task: NewTask): boolean {
  return task.key === undefined && task.needs === undefined && task.ifLate === undefined;
}

/** What of a submission is to be judged: new tasks, with the needs that are open. */
function candidatesOf(world: World, slots: readonly Slot[]): readonly (Candidate | undefined)[] {
  if (!slots.some((slot) => slot.kind === "new" && asks(slot.task))) return [];
  return slots.map((slot) => {
    if (slot.kind !== "new") return undefined;
    const needsLive: Task[] = [];
    const needsNew: number[] = [];
    for (const need of slot.task.needs ?? []) {
      const first = need.kind === "new" ? firstOf(slots, need.index) : undefined;
      const other = first === undefined ? undefined : slots[first]!;
      const live = other?.kind === "live" ? other.task : need.kind === "task" ? world.tasks.get(need.id) : undefined;
      if (other?.kind === "new") needsNew.push(first!);
      else if (live !== undefined && !isFinal(live.state)) needsLive.push(live);
    }
    return { from: slot.task, needsLive, needsNew };
  });
}

/** The flow that the tasks would be in, for ranks that look at it. */
function flowOnTrial(world: World, event: Submit): Flow | undefined {
  if (event.by !== undefined) return world.tasks.get(event.by.id)?.extra?.flow;
  return event.flow === undefined ? undefined : { id: 0, name: event.flow.name, createdAt: world.now, tasks: [], attainedMs: 0, line: undefined, open: 0 };
}

function cannotMakeIt(tasks: readonly NewTask[], late: readonly LateTask[]): Reply {
  const { index, dueAt, finishAt, startsBefore } = late[0]!;
  const { name, spec } = tasks[index]!;
  const others = late.length === 1 ? "" : `, and ${late.length - 1} more of the submission`;
  const before = startsBefore === undefined ? "" : ` with ${startsBefore} tasks before it`;
  return { kind: "refused", code: "cannot_make_it", detail: `${name ?? spec.type} would end ${Math.ceil(finishAt - dueAt)} ms after its due date${before}${others}`, late };
}

/** The common case, without the lists that keys and needs take: half the time a task. */
function submitPlain(world: World, tasks: readonly NewTask[]): Reply {
  for (const from of tasks) {
    const problem = from.uses === undefined ? undefined : world.limits.problemOf(from);
    if (problem !== undefined) return problem;
  }
  const ids = tasks.map((from) => {
    const task = makeTask(world, from, undefined, undefined, undefined);
    release(world, task);
    return task.id;
  });
  return { kind: "submitted", ids, duplicates: NO_DUPLICATES, flowId: undefined };
}

function resolveKeys(world: World, tasks: readonly NewTask[]): Slot[] {
  let keysHere: Map<string, number> | undefined;
  return tasks.map((task, index): Slot => {
    if (task.key === undefined) return { kind: "new", task, supersedes: undefined };
    const same = keysHere?.get(task.key);
    if (same !== undefined) return { kind: "same", index: same };
    (keysHere ??= new Map()).set(task.key, index);
    const live = world.keys.get(task.key);
    if (live !== undefined) return mayRerun(task, live.state) ? { kind: "new", task, supersedes: live.id } : { kind: "live", task: live };
    const past = task.existing;
    if (past === undefined) return { kind: "new", task, supersedes: undefined };
    return mayRerun(task, past.state) ? { kind: "new", task, supersedes: past.id } : { kind: "past", id: past.id, state: past.state };
  });
}

function mayRerun(task: NewTask, state: TaskState): boolean {
  return isFinal(state) && (task.rerun === "always" || (task.rerun === true && state !== "succeeded"));
}

/** A task that the store knows as live and memory does not has settled since the store was asked. */
function checkKeys(slots: readonly Slot[]): Reply | undefined {
  const moved = slots.find((slot) => slot.kind === "past" && !isFinal(slot.state));
  return moved === undefined ? undefined : { kind: "refused", code: "key_moved", detail: "a task settled while its key was looked up" };
}

function checkNeeds(world: World, slots: readonly Slot[]): Reply | undefined {
  let looksForward = false;
  for (let index = 0; index < slots.length; index++) {
    const slot = slots[index]!;
    if (slot.kind !== "new" || slot.task.needs === undefined) continue;
    for (const need of slot.task.needs) {
      if (need.kind === "new") {
        if (slots[need.index] === undefined) return unknownNeed(slot.task, `number ${need.index} of the submission`);
        looksForward ||= need.index >= index;
      } else if (need.kind === "task" && world.tasks.get(need.id) === undefined) return unknownNeed(slot.task, `task ${need.id}`);
    }
  }
  if (!looksForward) return undefined;
  const cycle = findCycle(slots.map((slot) => (slot.kind === "new" ? (slot.task.needs ?? []).flatMap((need) => (need.kind === "new" ? [firstOf(slots, need.index)] : [])) : [])));
  if (cycle === undefined) return undefined;
  const names = cycle.map((index) => nameAt(slots, index));
  return { kind: "refused", code: "flow_cycle", detail: [...names, names[0]].join(" → ") };
}

function checkUses(world: World, slots: readonly Slot[]): Reply | undefined {
  for (const slot of slots) {
    const problem = slot.kind === "new" && slot.task.uses !== undefined ? world.limits.problemOf(slot.task) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** The index itself, or that of the first slot with the same key. */
function firstOf(slots: readonly Slot[], index: number): number {
  const slot = slots[index]!;
  return slot.kind === "same" ? slot.index : index;
}

function unknownNeed(task: NewTask, what: string): Reply {
  return { kind: "refused", code: "dependency_unknown", detail: `${task.name ?? task.spec.type} needs ${what}, which is not here` };
}

function makeTask(world: World, from: NewTask, supersedes: TaskId | undefined, flow: Flow | undefined, parent: Task | undefined): Task {
  const task = new TaskRecord(++world.lastTaskId, from.spec, "blocked", 0, 0);
  world.tasks.set(task.id, task);
  world.counts.add(BLOCKED, 1);
  const change = world.turn.change(task);
  change.created = from;
  change.createdAt = world.now;
  change.supersedes = supersedes;
  if (from.name !== undefined) extraOf(task).name = from.name;
  if (from.releaseAt !== undefined) extraOf(task).releaseAt = from.releaseAt;
  if (from.dueAt !== undefined) extraOf(task).dueAt = from.dueAt;
  if (from.estimateMs !== undefined) extraOf(task).estimateMs = from.estimateMs;
  setTraits(task, from);
  if (from.session !== undefined) extraOf(task).session = world.sessions.join(from.session);
  if (from.deadlineAt !== undefined) setDeadline(world, task, from.deadlineAt);
  if (from.limitKey !== undefined) setLimitKey(world, task, from.limitKey, from.limitOfKey ?? 1);
  if (from.key !== undefined) takeKey(world, task, from.key);
  if (flow !== undefined) joinFlow(task, flow);
  if (parent !== undefined) joinParent(world, task, parent);
  return task;
}

/** The task's hard deadline: when it passes first, the task expires. */
export function setDeadline(world: World, task: Task, deadlineAt: number): void {
  const extra = extraOf(task);
  extra.deadlineAt = deadlineAt;
  extra.deadlineTimer = world.timers.set(deadlineAt, { kind: "deadline", task });
}

export function setLimitKey(world: World, task: Task, limitKey: string, units: number): void {
  const extra = extraOf(task);
  extra.limitKey = limitKey;
  extra.limitOfKey = units;
  world.limits.nameKey(limitKey, units);
}

/** The task that had the key until now, if any, is known by its id only. */
function takeKey(world: World, task: Task, key: string): void {
  const before = world.keys.get(key);
  if (before !== undefined) before.extra!.key = undefined;
  extraOf(task).key = key;
  world.keys.set(key, task);
}

export function openFlow(world: World, name: string, createdAt: Instant = world.now): Flow {
  const flow: Flow = { id: ++world.lastFlowId, name, createdAt, tasks: [], attainedMs: 0, line: undefined, open: 0 };
  world.flows.set(flow.id, flow);
  world.turn.flow(flow, null);
  return flow;
}

export function joinFlow(task: Task, flow: Flow): void {
  extraOf(task).flow = flow;
  flow.tasks.push(task);
  if (!isFinal(task.state)) flow.open += 1;
}

/** Tasks that depend on each other share a flow, since the outcome of a finished one is still needed. */
function shareFlow(world: World, task: Task, other: Task): void {
  // The flow is as old as the task that it begins with, or that would lose its place where ranks go by the age of flows.
  const flow = extraOf(other).flow ?? openFlow(world, other.spec.type, firstReadyAt(other) || world.now);
  if (other.extra!.flow === undefined) {
    joinWaiting(world, other, flow);
    world.turn.change(other);
  }
  if (extraOf(task).flow === undefined) joinFlow(task, flow);
}

/** It may wait already, in an order in which the tasks of a flow stand together. */
function joinWaiting(world: World, task: Task, flow: Flow): void {
  const queue = task.state === "queued" && task.extra?.waitsAt === undefined ? world.queue(task.spec.queue) : undefined;
  const lane = queue?.policy.sessions === undefined ? undefined : queue.laneOf(task);
  lane?.remove(task);
  joinFlow(task, flow);
  lane?.push(task);
}

export function joinParent(world: World, task: Task, parent: Task): void {
  shareFlow(world, task, parent);
  const extra = extraOf(parent);
  (extra.children ??= []).push(task.id);
  if (!isFinal(task.state)) extra.childrenOpen += 1;
  extraOf(task).parent = parent;
}

function joinNeeds(world: World, task: Task, from: NewTask, slots: readonly Slot[], made: readonly (Task | undefined)[]): void {
  const extra = extraOf(task);
  const ids: TaskId[] = [];
  for (const need of from.needs!) {
    const needed = need.kind === "new" ? taskAt(slots, made, need.index) : world.tasks.get(need.id);
    ids.push(need.kind === "new" ? idAt(slots, made, need.index) : need.id);
    if (needed === undefined || isFinal(needed.state)) continue;
    shareFlow(world, task, needed);
    (extraOf(needed).dependents ??= []).push(task);
    extra.needsOpen += 1;
  }
  extra.needs = ids;
}

/** Tasks that were there and have got a dependent: their paths, and so their ranks, may be longer now. */
function lengthenPaths(world: World, tasks: readonly NewTask[], made: readonly (Task | undefined)[]): void {
  const older = new Set<Task>();
  tasks.forEach(({ needs }, index) => {
    if (needs === undefined || made[index] === undefined) return;
    for (const id of made[index].extra?.needs ?? []) {
      const needed = world.tasks.get(id);
      if (needed?.extra?.tailMs !== undefined) older.add(needed);
    }
  });
  if (older.size === 0) return;
  const needsOf = (task: Task): Task[] => (task.extra?.needs ?? []).flatMap((id) => world.tasks.get(id) ?? []);
  for (const task of lengthenTails([...older], needsOf, (one) => world.remainingMs(one))) {
    if (task.state !== "queued") continue;
    const lane = world.queue(task.spec.queue).laneOf(task);
    lane.remove(task);
    lane.push(task);
  }
}

/** Lets a new task go its way: blocked, scheduled or queued, or given up at once if what it needs has already failed. */
function admit(world: World, task: Task, slots: readonly Slot[], index: number): void {
  const extra = task.extra;
  if (task.state !== "blocked") return;
  if (extra?.needs !== undefined && task.spec.onDependencyFailure !== "continue") {
    const slot = slots[index]!;
    for (const need of (slot.kind === "new" && slot.task.needs) || []) {
      const state = stateOf(world, slots, need);
      if (state !== undefined && isFinal(state) && state !== "succeeded") return giveUp(world, task, state);
    }
  }
  if (extra === undefined || extra.needsOpen === 0) release(world, task);
}

/** State of a need that was there before the submission; undefined for one that came with it. */
function stateOf(world: World, slots: readonly Slot[], need: Need): TaskState | undefined {
  if (need.kind === "past") return world.tasks.get(need.id)?.state ?? need.state;
  if (need.kind === "task") return world.tasks.get(need.id)?.state;
  const slot = slots[firstOf(slots, need.index)]!;
  return slot.kind === "live" ? slot.task.state : slot.kind === "past" ? slot.state : undefined;
}

function taskAt(slots: readonly Slot[], made: readonly (Task | undefined)[], index: number): Task | undefined {
  const first = firstOf(slots, index);
  const slot = slots[first]!;
  return slot.kind === "live" ? slot.task : made[first];
}

function idAt(slots: readonly Slot[], made: readonly (Task | undefined)[], index: number): TaskId {
  const first = firstOf(slots, index);
  const slot = slots[first]!;
  return slot.kind === "past" ? slot.id : slot.kind === "live" ? slot.task.id : made[first]!.id;
}

function nameAt(slots: readonly Slot[], index: number): string {
  const slot = slots[index]!;
  return slot.kind === "new" ? (slot.task.name ?? `${slot.task.spec.type}[${index}]`) : `[${index}]`;
}
