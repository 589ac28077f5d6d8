/** Why a task is where it is, as the SDK tells it: ids as text, instants as dates, and a sentence for people. */
import type { StopReason } from "../../core/attempt.ts";
import type { Forecast } from "../../core/foresight/forecast.ts";
import type { RiskState } from "../../core/foresight/risk.ts";
import type { Cause, OpenTask, Why } from "../../core/foresight/why.ts";
import type { Obstacle } from "../../core/foresight/obstacle.ts";
import type { LateTask } from "../../core/foresight/admission.ts";
import type { FinalState, TaskState } from "../../core/task.ts";
import { formatTaskId } from "../../protocol/ids.ts";
import { firstThen, type Surroundings } from "./words.ts";

/** A task that is waited for. */
export interface WaitedFor {
  readonly id: string;
  readonly state: TaskState;
}

/** When a task is expected to start and to end, if nothing comes in between. docs/why.md says how it is computed. */
export interface TaskForecast {
  readonly startAt: Date;
  readonly finishAt: Date;
  /** In nine cases of ten it starts and ends no later. */
  readonly startBy: Date;
  readonly finishBy: Date;
  /** Tasks that are expected to start before it. */
  readonly startsBefore: number;
  /** It waits behind more tasks than were played through: told from their pace. */
  readonly extrapolated: boolean;
}

/** How a task stands with its due date, or its deadline if that is earlier. */
export interface TaskDue {
  readonly at: Date;
  /** It was accepted as best effort, although it would be late. */
  readonly downgraded: boolean;
  /** What was reported of it last. */
  readonly risk: RiskState | undefined;
}

/** What is in the way of a task that may start, as data; kinds as in the core, instants as dates. */
export type TaskObstacle = { readonly [Kind in Obstacle["kind"]]: Dated<Extract<Obstacle, { readonly kind: Kind }>> }[Obstacle["kind"]];

type Dated<One> = {
  readonly [Name in keyof One]: Name extends "nextFreeAt" ? Date | undefined : Name extends "holders" ? readonly string[] : One[Name];
};

interface Common {
  /** As `t17`. */
  readonly id: string;
  /** What must happen first, and what can be done about it: a sentence or two for people. */
  readonly firstThen: string;
  /** Undefined when nobody can tell, and of a task that has ended. */
  readonly forecast: TaskForecast | undefined;
  readonly due: TaskDue | undefined;
}

export type TaskWhy = Common &
  (
    | { readonly kind: "blocked"; /** Those it needs that are not final. */ readonly needs: readonly WaitedFor[]; /** The one on the longest path. */ readonly longest: string | undefined; /** That path, in ms. */ readonly pathMs: number }
    | { readonly kind: "scheduled"; readonly until: Date; readonly cause: "release" | "backoff"; readonly failures: number; readonly losses: number }
    | { readonly kind: "queued"; readonly obstacle: TaskObstacle; /** Waiting tasks that rank before it. */ readonly ahead: number; /** The first of them. */ readonly first: readonly string[] }
    | { readonly kind: "running"; readonly since: Date; readonly agent: string; readonly endsAt: Date; /** It takes longer than expected. */ readonly overran: boolean; /** It was asked to stop. */ readonly stopping: StopReason | undefined }
    | { readonly kind: "parked"; readonly until: "answer" }
    | { readonly kind: "parked"; readonly until: "children"; readonly children: readonly WaitedFor[] }
    | { readonly kind: "final"; readonly state: FinalState; readonly reason: string | undefined }
  );

export function taskWhy(why: Why, around: Surroundings): TaskWhy {
  const { forecast, due } = why;
  return {
    id: formatTaskId(why.id),
    ...causeOf(why.cause),
    firstThen: firstThen(why, around),
    forecast: forecast === undefined ? undefined : forecastOf(forecast),
    due: due === undefined ? undefined : { at: new Date(due.at), downgraded: due.downgraded, risk: due.risk },
  };
}

export function forecastOf({ startAt, finishAt, startBy, finishBy, startsBefore, extrapolated }: Forecast): TaskForecast {
  return { startAt: new Date(startAt), finishAt: new Date(finishAt), startBy: new Date(startBy), finishBy: new Date(finishBy), startsBefore, extrapolated };
}

/** A task that was accepted as best effort, since it would be late. */
export interface Downgraded {
  readonly dueAt: Date;
  /** When it was expected to end. */
  readonly finishAt: Date;
  readonly lateMs: number;
  /** Tasks expected to start before it; undefined when its own length alone is too much. */
  readonly startsBefore: number | undefined;
}

export function downgradedOf({ dueAt, finishAt, startsBefore }: LateTask): Downgraded {
  return { dueAt: new Date(dueAt), finishAt: new Date(finishAt), lateMs: finishAt - dueAt, startsBefore };
}

type CauseView = TaskWhy extends infer Each ? (Each extends Common ? Omit<Each, keyof Common> : never) : never;

function causeOf(cause: Cause): CauseView {
  switch (cause.kind) {
    case "blocked":
      return { ...cause, needs: cause.needs.map(waitedFor), longest: cause.longest === undefined ? undefined : formatTaskId(cause.longest) };
    case "scheduled":
      return { ...cause, until: new Date(cause.until) };
    case "queued":
      return { kind: "queued", obstacle: obstacleOf(cause.obstacle), ahead: cause.place.ahead, first: cause.place.first.map(formatTaskId) };
    case "running":
      return { kind: "running", since: new Date(cause.since), agent: cause.agent, endsAt: new Date(cause.endsAt), overran: cause.overran, stopping: cause.stopping };
    case "parked":
      return cause.until === "answer" ? cause : { ...cause, children: cause.children.map(waitedFor) };
    case "final":
      return cause;
  }
}

function obstacleOf(obstacle: Obstacle): TaskObstacle {
  const dated = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at));
  if (obstacle.kind === "limit" || obstacle.kind === "resource") return { ...obstacle, holders: obstacle.holders.map(formatTaskId), nextFreeAt: dated(obstacle.nextFreeAt) };
  if (obstacle.kind === "agents-full" || obstacle.kind === "type-limit") return { ...obstacle, nextFreeAt: dated(obstacle.nextFreeAt) };
  return obstacle;
}

function waitedFor({ id, state }: OpenTask): WaitedFor {
  return { id: formatTaskId(id), state };
}
