/**
 * By priority number, lower first (1 critical … 4 low, any number between or beyond); the default of every queue. Each whole
 * number is worth `aging` of waiting (10 minutes unless said otherwise), so nothing starves: a task of priority p is overtaken
 * by one of priority q < p only if that one is released within (p − q) · aging after it. `aging=off` is strict priority; `preempt` lets what is
 * more urgent stop what runs.
 */
import type { OptionSpec } from "../struct/option-spec.ts";
import { firstReadyAt, rankedPriority, type Task } from "../task.ts";
import { fixedRank, type Policy } from "./policy.ts";

const AGING_MS = 600_000;

export function priority(options: OptionSpec): Policy {
  const agingMs = options.durationMs("aging", AGING_MS);
  const rank = agingMs === Infinity ? rankedPriority : (task: Task) => firstReadyAt(task) + rankedPriority(task) * agingMs;
  return fixedRank("priority", rank, options.flag("preempt", false));
}
