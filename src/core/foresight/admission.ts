/**
 * Whether new tasks can make it: a submission that asks for it is rehearsed before anything of it is accepted, all of its tasks in
 * their places among what is there. The answer follows from the scheduler's state alone, so it replays. It says nothing of the
 * tasks that are there already and will have to wait longer.
 */
import type { NewTask } from "../event.ts";
import type { Flow } from "../flow.ts";
import type { Instant, Task } from "../task.ts";
import { extraOf, setTraits, TaskRecord } from "../task-record.ts";
import type { World } from "../world.ts";
import { fastestSpeed, forecastsOf, type Forecast } from "./forecast.ts";
import { Rehearsal } from "./rehearsal.ts";
import { dueOf } from "./risk.ts";

/** A new task that is expected to be late. */
export interface LateTask {
  /** Its place in the submission. */
  readonly index: number;
  /** The earlier of its due date and its deadline. */
  readonly dueAt: Instant;
  /** When it is expected to end. */
  readonly finishAt: Instant;
  /** Tasks that are expected to start before it; undefined when its start cannot be told and its own length alone is too much. */
  readonly startsBefore: number | undefined;
}

/** What stands at an index of a submission: a new task and what it needs, or nothing to be judged. */
export interface Candidate {
  readonly from: NewTask;
  /** Live tasks, and indices of the submission, that are still open. */
  readonly needsLive: readonly Task[];
  readonly needsNew: readonly number[];
}

/** Starts rehearsed for a submission. */
const START_LIMIT = 2_000;

/** Those that asked what to do if they were late, and would be. */
export function lateOnes(world: World, candidates: readonly (Candidate | undefined)[], flow: Flow | undefined): readonly LateTask[] {
  const asked = candidates.flatMap((candidate, index) => (candidate !== undefined && asks(candidate.from) ? [index] : []));
  if (asked.length === 0) return [];
  const trials = trialsOf(world, candidates, flow);
  const rehearsal = new Rehearsal(world, true);
  candidates.forEach((candidate, index) => {
    const trial = trials[index];
    if (candidate === undefined || trial === undefined) return;
    for (const need of candidate.needsLive) rehearsal.follow(trial, need);
    for (const need of candidate.needsNew) if (trials[need] !== undefined) rehearsal.follow(trial, trials[need]);
    if (trial.extra!.needsOpen === 0) rehearsal.expect(trial, trial.extra?.releaseAt ?? 0);
  });
  const forecasts = forecastsOf(world, asked.map((index) => trials[index]!), START_LIMIT, rehearsal);
  return asked.flatMap((index) => lateness(world, trials[index]!, forecasts.get(trials[index]!), index) ?? []);
}

export function asks({ ifLate, dueAt, deadlineAt }: NewTask): boolean {
  return ifLate !== undefined && ifLate !== "accept" && (dueAt !== undefined || deadlineAt !== undefined);
}

/** Without a forecast (no agent yet, a need that waits for an answer) only its own length counts against it. */
function lateness(world: World, trial: Task, forecast: Forecast | undefined, index: number): LateTask | undefined {
  const dueAt = dueOf(trial)!;
  const leastMs = world.remainingMs(trial) / (fastestSpeed(world, trial) ?? 1);
  const finishAt = forecast?.finishAt ?? Math.max(world.now, trial.extra?.releaseAt ?? 0) + leastMs;
  return finishAt > dueAt ? { index, dueAt, finishAt, startsBefore: forecast?.startsBefore } : undefined;
}

/** The tasks as they will be, in no queue and known to nobody. */
function trialsOf(world: World, candidates: readonly (Candidate | undefined)[], flow: Flow | undefined): readonly (Task | undefined)[] {
  let id = world.lastTaskId;
  const trials = candidates.map((candidate) => {
    if (candidate === undefined) return undefined;
    const { from, needsLive, needsNew } = candidate;
    const trial = new TaskRecord(++id, from.spec, "blocked", 0, 0);
    const extra = extraOf(trial);
    extra.needsOpen = needsLive.length + needsNew.length;
    if (flow !== undefined) extra.flow = flow;
    if (from.releaseAt !== undefined) extra.releaseAt = from.releaseAt;
    if (from.dueAt !== undefined) extra.dueAt = from.dueAt;
    if (from.deadlineAt !== undefined) extra.deadlineAt = from.deadlineAt;
    if (from.estimateMs !== undefined) extra.estimateMs = from.estimateMs;
    if (from.limitKey !== undefined) Object.assign(extra, { limitKey: from.limitKey, limitOfKey: from.limitOfKey ?? 1 });
    setTraits(trial, from);
    if (from.session !== undefined) extraOf(trial).session = world.sessions.seen(from.session);
    return trial;
  });
  // Ranks by the path behind a task look at what depends on it.
  candidates.forEach((candidate, index) => {
    for (const need of candidate?.needsNew ?? []) {
      const needed = trials[need];
      if (needed !== undefined) (extraOf(needed).dependents ??= []).push(trials[index]!);
    }
  });
  return trials;
}
