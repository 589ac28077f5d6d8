/**
 * Why a task is where it is: for every state what must happen first, as data. It is asked rarely and changes nothing; the words
 * for people are made from it outside (`app/why/`).
 */
import type { StopReason } from "../attempt.ts";
import { isFinal, type AgentId, type FinalState, type Instant, type Task, type TaskId, type TaskState } from "../task.ts";
import type { World } from "../world.ts";
import { forecastsOf, type Forecast } from "./forecast.ts";
import { obstacleOf, type Obstacle } from "./obstacle.ts";
import { longestPath, openNeeds } from "./path.ts";
import { placeOf, type Place } from "./place.ts";
import { dueOf, type RiskState } from "./risk.ts";

export interface OpenTask {
  readonly id: TaskId;
  readonly state: TaskState;
}

export type Cause =
  /** Waits for tasks that it needs. */
  | {
      readonly kind: "blocked";
      /** Of these, the ones that are not final. */
      readonly needs: readonly OpenTask[];
      /** The one by which the longest path of expected service goes. */
      readonly longest: TaskId | undefined;
      /** That path, from now to the end of the task, in ms at speed 1. */
      readonly pathMs: number;
    }
  /** Not released yet: its release time is to come, or it backs off before it is tried again. */
  | { readonly kind: "scheduled"; readonly until: Instant; readonly cause: "release" | "backoff"; readonly failures: number; readonly losses: number }
  /** May start; what is in its way first, in the order in which the dispatcher meets it. */
  | { readonly kind: "queued"; readonly obstacle: Obstacle; readonly place: Place }
  | {
      readonly kind: "running";
      readonly since: Instant;
      readonly agentId: AgentId;
      readonly agent: string;
      readonly endsAt: Instant;
      /** It has taken longer than expected. */
      readonly overran: boolean;
      /** It was asked to stop, and why. */
      readonly stopping: StopReason | undefined;
    }
  | { readonly kind: "parked"; readonly until: "answer" }
  | { readonly kind: "parked"; readonly until: "children"; readonly children: readonly OpenTask[] }
  | { readonly kind: "final"; readonly state: FinalState; readonly reason: string | undefined };

export interface Why {
  readonly id: TaskId;
  readonly cause: Cause;
  /** Expected start and end; undefined when nobody can tell, and of a final task. */
  readonly forecast: Forecast | undefined;
  readonly due: Due | undefined;
}

/** How a task stands with its due date. */
export interface Due {
  /** The earlier of its due date and its deadline. */
  readonly at: Instant;
  /** It was accepted although it will be late, and ranks as a task without a due date. */
  readonly downgraded: boolean;
  /** What was reported of it last. */
  readonly risk: RiskState | undefined;
}

export function whyOf(world: World, task: Task): Why {
  const at = dueOf(task);
  const forecast = isFinal(task.state) ? undefined : forecastsOf(world, [task]).get(task);
  const due = at === undefined ? undefined : { at, downgraded: task.extra?.isBestEffort === true, risk: task.extra?.risk };
  return { id: task.id, cause: causeOf(world, task), forecast, due };
}

function causeOf(world: World, task: Task): Cause {
  const { state, extra } = task;
  switch (state) {
    case "blocked": {
      const { ms, through } = longestPath(world, task);
      return { kind: "blocked", needs: openNeeds(world, task).map(openTask), longest: through, pathMs: ms };
    }
    case "scheduled":
      return { kind: "scheduled", until: extra?.releaseAt ?? world.now, cause: task.attempt > 0 ? "backoff" : "release", failures: task.failures, losses: task.losses };
    case "queued":
      return { kind: "queued", obstacle: obstacleOf(world, task), place: placeOf(world, task) };
    case "running": {
      const { assignedAt, agent, stopping } = task.run!;
      const overran = world.doneMs(task.run!) > world.remainingMs(task);
      return { kind: "running", since: assignedAt, agentId: agent.id, agent: agent.spec.name, endsAt: world.endsAt(task.run!), overran, stopping };
    }
    case "parked":
      return extra?.parkedFor === "children" ? { kind: "parked", until: "children", children: openChildren(world, task) } : { kind: "parked", until: "answer" };
    case "succeeded":
    case "failed":
    case "cancelled":
    case "expired":
    case "shed":
    case "skipped":
      return { kind: "final", state, reason: extra?.reason };
  }
}

function openChildren(world: World, task: Task): readonly OpenTask[] {
  return (task.extra?.children ?? []).flatMap((id) => {
    const child = world.tasks.get(id);
    return child === undefined || isFinal(child.state) ? [] : [openTask(child)];
  });
}

function openTask({ id, state }: Task): OpenTask {
  return { id, state };
}
