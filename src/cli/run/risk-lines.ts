/** What a run says of tasks and their due dates while it goes on: a line each. */
import type { LateTask } from "../../app/run/run.ts";
import type { RiskNotice } from "../../app/run/watch.ts";
import { formatDuration } from "../../monitor/format.ts";
import { plain } from "../view/columns.ts";

export function riskLine({ kind, dueAt, forecast }: RiskNotice, label: string, now: number): string {
  const name = plain(label);
  const lateMs = (forecast?.finishAt ?? 0) - dueAt;
  const by = lateMs > 0 ? `, expected ${formatDuration(lateMs)} late` : "";
  if (kind === "recovered") return `in time again: ${name}`;
  if (kind === "late") return `late: ${name} is past its due date${by}`;
  return `at risk: ${name} is due in ${formatDuration(Math.max(0, dueAt - now))}${by}`;
}

export function downgradedLine(label: string, { dueAt, finishAt }: LateTask): string {
  return `downgraded: ${plain(label)} would be ${formatDuration(finishAt - dueAt)} late, and runs as best effort`;
}
