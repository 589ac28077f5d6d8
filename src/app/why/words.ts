/**
 * Why a task is where it is, in words: what must happen first, then what can be done about it. The one place where these
 * sentences are made, for the SDK, `makespan why` and `makespan show`.
 */
import type { Forecast } from "../../core/foresight/forecast.ts";
import type { Obstacle } from "../../core/foresight/obstacle.ts";
import type { Place } from "../../core/foresight/place.ts";
import type { Cause, OpenTask, Why } from "../../core/foresight/why.ts";
import { formatCount, formatDuration, formatMany } from "../../monitor/format.ts";
import { formatTaskId } from "../../protocol/ids.ts";

export interface Surroundings {
  readonly now: number;
  /** An engine has the tasks: what waits can go on. */
  readonly isOwned: boolean;
  /** Agents are those that were seen lately; which others there are is not known. */
  readonly agentsAreGuessed: boolean;
  /** Name of a task, if it has one. */
  readonly nameOf: (id: number) => string | undefined;
  /** `code: message` of the error of a task that ended badly. */
  readonly error: string | undefined;
  readonly attempts: number;
  /** Of a skipped task: those that did not succeed. */
  readonly failedNeeds: readonly OpenTask[];
}

const NO_ENGINE = "No engine has the file open: start the run again to go on";
const SHOWN = 3;

export function firstThen(why: Why, around: Surroundings): string {
  const { cause } = why;
  if (cause.kind === "final") return `${ended(cause, around)}.`;
  const sentences = [causeWords(cause, around)];
  if (cause.kind !== "running" && around.isOwned && why.forecast !== undefined) sentences.push(expected(why.forecast, around.now));
  if (why.due !== undefined) sentences.push(...dueWords(why, around.now));
  // Answers and children are waited for with or without an engine.
  if (!around.isOwned && cause.kind !== "parked") sentences.push(NO_ENGINE);
  return sentences.map((sentence) => `${sentence}.`).join(" ");
}

function causeWords(cause: Exclude<Cause, { kind: "final" }>, around: Surroundings): string {
  switch (cause.kind) {
    case "blocked": {
      const longest = cause.needs.length > 1 && cause.longest !== undefined ? `; the longest way is by ${formatTaskId(cause.longest)}, ${formatDuration(cause.pathMs)} at least` : "";
      return `It needs ${list(cause.needs, around)}${longest}`;
    }
    case "scheduled": {
      const when = cause.until <= around.now ? "now" : `in ${formatDuration(cause.until - around.now)}`;
      return cause.cause === "backoff" ? `Attempt ${around.attempts} failed; it is tried again ${when}` : `It is released ${when}`;
    }
    case "queued":
      return queued(cause.obstacle, cause.place, around);
    case "running":
      return running(cause, around);
    case "parked":
      if (cause.until === "answer") return "It waits for an answer from outside";
      return `It waits for its children${cause.children.length === 0 ? "" : ` ${list(cause.children, around)}`}`;
  }
}

function queued(obstacle: Obstacle, place: Place, around: Surroundings): string {
  switch (obstacle.kind) {
    case "draining":
      return "The engine is closing and starts nothing more; the task goes on after the next start";
    case "paused":
      return `${obstacle.all ? "Every queue" : `Its queue ${JSON.stringify(obstacle.queue)}`} is paused${around.isOwned ? ": resume it" : ""}`;
    case "no-agent":
      if (!around.isOwned || around.agentsAreGuessed) return `It waits for a free slot of an agent that does ${JSON.stringify(obstacle.type)}${around.isOwned ? ", and none was seen lately" : ""}${behind(place)}`;
      return `No agent does ${JSON.stringify(obstacle.type)}: add one`;
    case "agents-draining":
      return `${formatMany(obstacle.agents, "agent")} that ${obstacle.agents === 1 ? "does" : "do"} ${JSON.stringify(obstacle.type)} ${obstacle.agents === 1 ? "is" : "are"} leaving: add one`;
    case "agents-full":
      if (!around.isOwned) return `It waits for a free slot of an agent that does ${JSON.stringify(obstacle.type)}${behind(place)}`;
      return `It waits for a free slot of an agent that does ${JSON.stringify(obstacle.type)}: ${obstacle.slots === 1 ? "the one slot is" : `all ${formatCount(obstacle.slots)} slots are`} taken${next(obstacle.nextFreeAt, around.now)}${behind(place)}`;
    case "type-limit":
      return `At most ${obstacle.units} tasks of type ${JSON.stringify(obstacle.type)} run at once, and ${obstacle.used} do${next(obstacle.nextFreeAt, around.now)}${behind(place)}`;
    case "limit": {
      const holders = obstacle.holders.map((id): OpenTask => ({ id, state: "running" }));
      return `At most ${obstacle.units} of the tasks with limit key ${JSON.stringify(obstacle.name)} run at once: now ${list(holders, around)}${next(obstacle.nextFreeAt, around.now)}${behind(place)}`;
    }
    case "resource": {
      const { name, amount, used, units } = obstacle;
      if (obstacle.isTooSmall) return `It uses ${amount} of the limit ${JSON.stringify(name)}, which is smaller: it waits until the limit is raised`;
      return `It uses ${amount} of the limit ${JSON.stringify(name)}, of which ${used} of ${units} are taken${next(obstacle.nextFreeAt, around.now)}${behind(place)}`;
    }
    case "tenant":
      return `By fair share it is the turn of tenant ${JSON.stringify(obstacle.next)}, not of ${JSON.stringify(obstacle.tenant)}: a greater weight gives it more turns${behind(place)}`;
    case "behind":
      return `${formatMany(place.ahead, "task")} ${place.ahead === 1 ? "ranks" : "rank"} before it (${firsts(place)}): a higher priority or an earlier due date moves it up, as its policy counts`;
    case "better-agent":
      return `An agent is free, but the balancer ${JSON.stringify(obstacle.balancer)} has it wait for a better one`;
    case "none":
      return "Nothing is in its way: it is about to start";
  }
}

function running({ since, agent, endsAt, overran, stopping }: Extract<Cause, { kind: "running" }>, { now, isOwned }: Surroundings): string {
  const asked = stopping === undefined ? "" : stopping === "preempted" ? "; it was asked to give way to a more urgent one" : `; it was asked to stop (${stopping})`;
  const end = !isOwned ? "" : overran ? ", longer than expected" : `; it should end in about ${formatDuration(Math.max(0, endsAt - now))}`;
  return `It has been running for ${formatDuration(Math.max(0, now - since))} on ${agent}${end}${asked}`;
}

function expected({ startAt, finishAt, finishBy, extrapolated }: Forecast, now: number): string {
  const about = extrapolated ? "very roughly" : "about";
  const start = startAt <= now ? "at once" : `in ${about} ${formatDuration(startAt - now)}`;
  return `It should start ${start} and end ${formatDuration(finishAt - now)} from now (in nine cases of ten within ${formatDuration(finishBy - now)})`;
}

function dueWords({ due, forecast }: Why, now: number): readonly string[] {
  const { at, downgraded } = due!;
  if (at < now) return [`It is ${formatDuration(now - at)} past its due date`];
  const lateMs = (forecast?.finishAt ?? 0) - at;
  const best = downgraded ? ["It was accepted as best effort: its due date does not count for its rank"] : [];
  return lateMs > 0 ? [`That is ${formatDuration(lateMs)} after its due date`, ...best] : best;
}

function ended({ state, reason }: Extract<Cause, { kind: "final" }>, { attempts, error, failedNeeds, nameOf }: Surroundings): string {
  const after = attempts === 0 ? "before it started" : `after ${formatMany(attempts, "attempt")}`;
  const because = reason === undefined ? "" : ` (${reason})`;
  switch (state) {
    case "succeeded":
      return attempts > 1 ? `It succeeded at attempt ${attempts}` : "It succeeded at the first attempt";
    case "failed":
      return `It failed for good ${after}: ${(error ?? reason ?? "no error was kept").replace(/\.$/, "")}`;
    case "cancelled":
      return `It was cancelled${attempts === 0 ? " before it started" : ""}${because}`;
    case "expired":
      return `Its deadline passed ${after}`;
    case "shed":
      return `It was refused under load${because}`;
    case "skipped":
      return failedNeeds.length === 0 ? `It never ran${because}` : `It never ran: it needs ${list(failedNeeds, { nameOf })}`;
  }
}

function next(at: number | undefined, now: number): string {
  return at === undefined ? "" : at <= now ? ", and the next should be free any moment" : `, and the next should be free in ${formatDuration(at - now)}`;
}

function behind(place: Place): string {
  return place.ahead === 0 ? "" : `; ${formatMany(place.ahead, "task")} ${place.ahead === 1 ? "ranks" : "rank"} before it (${firsts(place)})`;
}

function firsts({ ahead, first }: Place): string {
  return `${first.map(formatTaskId).join(", ")}${ahead > first.length ? ", …" : ""}`;
}

function list(tasks: readonly OpenTask[], { nameOf }: Pick<Surroundings, "nameOf">): string {
  if (tasks.length === 0) return "other tasks";
  const names = tasks.slice(0, SHOWN).map(({ id, state }) => {
    const name = nameOf(id);
    return `${formatTaskId(id)}${name === undefined ? "" : ` ${name}`} (${state})`;
  });
  return tasks.length > SHOWN ? `${names.join(", ")} and ${tasks.length - SHOWN} more` : names.join(", ");
}
