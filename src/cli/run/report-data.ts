/** What the report of a run is made of, from what was watched. */
import { MOST_ATTEMPTS } from "../../app/run/watch.ts";
import type { Run, RunResult } from "../../app/run/run.ts";
import { formatCount, formatDuration, formatMany } from "../../monitor/format.ts";
import type { RunReportData } from "../report/data.ts";
import type { RunInput } from "./input/run-input.ts";

export function reportOf(input: RunInput, run: Run, result: RunResult, now: number): RunReportData {
  const { watch } = run;
  const notes: string[] = [];
  if (result.summary.resumed > 0) notes.push(`${formatMany(result.summary.resumed, "task")} done by an earlier start ${result.summary.resumed === 1 ? "is" : "are"} not on the timeline.`);
  if (watch.attemptsLeftOut > 0) notes.push(`The timeline shows the first ${formatCount(MOST_ATTEMPTS)} attempts; ${formatCount(watch.attemptsLeftOut)} later ones are in the store file.`);
  if (input.planned !== undefined) notes.push(plannedWords(input.planned));
  if (result.ending !== "done") notes.push(`The run was ${result.ending} before it was done.`);
  return {
    title: input.plan.name,
    generatedAt: now,
    command: input.command,
    startedAt: run.startedAt,
    summary: result.summary,
    left: result.left,
    agents: run.agents.map(({ id, spec }) => ({ id, name: spec.name, kind: spec.kind, slots: spec.slots })),
    attempts: watch.attempts,
    criticalPath: watch.criticalAttempts().map((attempt) => ({
      taskId: attempt.taskId,
      label: attempt.label,
      startMs: Math.max(0, attempt.startedAt - run.startedAt),
      serviceMs: Math.max(0, attempt.endedAt - attempt.startedAt),
    })),
    failures: watch.failures,
    notes,
  };
}

/** What was promised before the run, to compare with what came of it. */
export function plannedWords({ makespanMs, lowerBoundMs, unplannedMs, schedules, notes }: NonNullable<RunInput["planned"]>): string {
  const sentences = [`Tasks started in a planned order: ${formatDuration(makespanMs)} by their estimates, ${formatDuration(unplannedMs)} without the plan, no plan under ${formatDuration(lowerBoundMs)}; ${formatMany(schedules, "schedule")} tried.`, ...notes];
  return sentences.join(" ");
}
