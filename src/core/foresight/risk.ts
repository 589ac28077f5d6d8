/**
 * Tasks whose due date is at risk are reported before they are late. Each dated task has one timer, at the instant from which it
 * would be late if nothing changed until then:
 *
 * - waiting: its latest start on the slowest agent that does its type, `due − remaining ÷ speed`; at once, when its release time
 *   (or a back-off before a retry) is later than that;
 * - blocked: when the longest path of expected service to its end does not fit any more; looked at again as the path is worked off;
 * - running: at once when its expected end is past the due date; else halfway from the expected end to the due date, if it
 *   still runs then (what has overrun by x is expected to take x more).
 *
 * After that the timer stands at the due date itself, where the task is late. Nothing of it is durable: a restart finds it again.
 */
import { speedOf } from "../agent.ts";
import { isFinal, type Instant, type Task } from "../task.ts";
import { extraOf } from "../task-record.ts";
import type { World } from "../world.ts";
import { forecastsOf, slowestSpeed, type Forecast } from "./forecast.ts";
import { longestPath } from "./path.ts";

/** `at_risk`: by what is expected, it will be late; `recovered`: it is expected in time again; `late`: it is past its due date. */
export type RiskState = "at_risk" | "recovered" | "late";

/** What is reported of a dated task, when it changes. */
export interface RiskNotice {
  readonly kind: RiskState;
  readonly task: Task;
  readonly dueAt: Instant;
  /** Undefined when nobody can tell. */
  readonly forecast: Forecast | undefined;
}

/** Starts rehearsed for the forecasts of the notices of one turn. */
const START_LIMIT = 1_000;
/** A blocked task is looked at again after at least this share of its path. */
const LEAST_SHARE = 1 / 16;

/** The earlier of due date and deadline; undefined without either. */
export function dueOf({ extra }: Task): Instant | undefined {
  if (extra?.dueAt === undefined) return extra?.deadlineAt;
  return extra.deadlineAt === undefined ? extra.dueAt : Math.min(extra.dueAt, extra.deadlineAt);
}

/** A dated task has changed: when it is at risk is found out anew. `paths` keeps what was found out of paths on the way. */
export function watchDue(world: World, task: Task, paths?: Map<Task, number>): void {
  const extra = task.extra;
  const dueAt = dueOf(task);
  if (extra === undefined || dueAt === undefined || !world.reportsRisk) return;
  world.timers.cancel(extra.dueTimer);
  extra.dueTimer = undefined;
  if (isFinal(task.state) || extra.isBestEffort === true || extra.risk === "late") return;
  const at = dueAt <= world.now ? dueAt : riskAt(world, task, dueAt, paths);
  if (at > world.now) {
    if (extra.risk === "at_risk" && task.run !== undefined) report(world, task, "recovered");
    // A blocked task that was reported stays so until it runs.
    const isKnown = extra.risk === "at_risk" && task.run === undefined;
    extra.dueTimer = world.timers.set(isKnown ? dueAt : at, { kind: "due", task });
  } else if (dueAt <= world.now) report(world, task, "late");
  else {
    report(world, task, "at_risk");
    extra.dueTimer = world.timers.set(dueAt, { kind: "due", task });
  }
}

/** From when the task is at risk if nothing changes; now or earlier when it is. */
function riskAt(world: World, task: Task, dueAt: Instant, paths: Map<Task, number> | undefined): Instant {
  const { run } = task;
  if (run !== undefined) {
    const expectedAt = run.assignedAt + world.remainingMs(task) / speedOf(run.agent, task.spec.type);
    return expectedAt > dueAt ? world.now : (expectedAt + dueAt) / 2;
  }
  if (task.state === "blocked") {
    const { ms } = longestPath(world, task, paths);
    const slackMs = dueAt - world.now - ms;
    return slackMs < 0 ? world.now : world.now + Math.max(slackMs, ms * LEAST_SHARE, 1);
  }
  const latest = dueAt - world.remainingMs(task) / (slowestSpeed(world, task) ?? 1);
  return task.state === "scheduled" && (task.extra?.releaseAt ?? 0) > latest ? world.now : latest;
}

function report(world: World, task: Task, risk: RiskState): void {
  const extra = extraOf(task);
  if (extra.risk === risk) return;
  world.turn.atRisk(task);
  extra.risk = risk;
}

/** The notices of a turn that is about to end: of each task, if what is to be said of it has changed. */
export function riskNotices(world: World, before: ReadonlyMap<Task, RiskState | undefined>): readonly RiskNotice[] {
  const changed: Task[] = [];
  for (const [task, risk] of before) {
    const extra = task.extra!;
    // At risk and in time again within one turn: nobody has heard of it.
    if (risk === undefined && extra.risk === "recovered") extra.risk = undefined;
    if (extra.risk !== risk && !isFinal(task.state)) changed.push(task);
  }
  if (changed.length === 0) return [];
  const forecasts = forecastsOf(world, changed, START_LIMIT);
  return changed.map((task) => ({ kind: task.extra!.risk!, task, dueAt: dueOf(task)!, forecast: forecasts.get(task) }));
}
