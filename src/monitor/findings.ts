/**
 * What stands out in a run, in words: what took the time and what to do about it, drawn from the numbers alone. The two
 * bounds behind it are Graham's (1969): no schedule is shorter than the critical path, nor than all work spread evenly over
 * the slots; whichever is near the makespan is what to change.
 */
import { formatCount, formatDuration, formatMany, formatShare } from "./format.ts";
import type { RunSummary } from "./summary.ts";

export interface Finding {
  readonly kind:
    | "empty"
    | "failures"
    | "resumed"
    | "path-bound"
    | "slot-bound"
    | "cpu-bound"
    | "uneven"
    | "idle"
    | "balanced"
    | "straggler"
    | "type"
    | "retries"
    | "late";
  readonly tone: "bad" | "warn" | "info" | "good";
  /** The point, as a short sentence. */
  readonly headline: string;
  /** The numbers behind it and what to do next. */
  readonly detail: string;
}

export interface FindingsInput {
  readonly summary: RunSummary;
  /** In order of execution. */
  readonly criticalPath: readonly { readonly label: string; readonly serviceMs: number }[];
  /** How busy each agent's slots were. */
  readonly agents: readonly { readonly kind: string; readonly slots: number; readonly busyMs: number }[];
}

/** From this share on a bound explains the makespan. */
const NEAR = 0.7;
const BUSY = 0.8;
const IDLE = 0.5;
/** One kind of agent is the bottleneck from this share on, if it is this many times as busy as the next. */
const FULL = 0.6;
const TIMES_BUSIER = 1.5;

/** The most important first; empty when nothing was measured and nothing failed. */
export function findings(input: FindingsInput): readonly Finding[] {
  const { summary } = input;
  if (summary.tasks.total === 0) {
    const detail = summary.resumed > 0 ? `All ${formatMany(summary.resumed, "task")} were done by an earlier run.` : "The run had no tasks.";
    return [{ kind: "empty", tone: "info", headline: "There was nothing to do.", detail }];
  }
  return [failures(summary), bottleneck(input), straggler(input), type(summary), retries(summary), late(summary), resumed(summary)].filter(
    (finding) => finding !== undefined,
  );
}

function failures({ tasks }: RunSummary): Finding | undefined {
  const bad = tasks.failed + tasks.expired;
  if (bad === 0) return undefined;
  const late = tasks.expired === 0 ? "" : ` (${formatCount(tasks.expired)} past the deadline)`;
  const skipped = tasks.skipped === 0 ? "" : `, and ${formatCount(tasks.skipped)} never ran because of that`;
  return {
    kind: "failures",
    tone: "bad",
    headline: `${formatMany(bad, "task")} failed${late}${skipped}.`,
    detail: "Their errors are listed with the failed tasks; the same command with --retry-failed runs only these again.",
  };
}

function bottleneck(input: FindingsInput): Finding | undefined {
  const { summary } = input;
  const { makespan_ms: makespanMs, utilization, critical_path_ms: pathMs } = summary;
  if (makespanMs === null || makespanMs === 0) return undefined;
  const pathShare = pathMs === null ? undefined : Math.min(1, pathMs / makespanMs);
  if (pathShare !== undefined && pathShare >= NEAR && pathMs !== null) return pathBound(input, pathMs, pathShare);
  if (utilization === null) return undefined;
  if (utilization >= BUSY) return slotBound(summary, makespanMs, utilization, pathShare);
  const uneven = fullKind(input, makespanMs);
  if (uneven !== undefined) return uneven;
  const ofPath = pathShare === undefined ? "" : `, and the critical path is ${formatShare(pathShare)} of the makespan`;
  if (utilization < IDLE && (pathShare === undefined || pathShare < IDLE)) {
    return {
      kind: "idle",
      tone: "warn",
      headline: "Slots stood idle for most of the run.",
      detail: `They were ${formatShare(utilization)} busy${ofPath}: tasks waited for limits, release times or other tasks rather than for agents. See where few are running in the timeline.`,
    };
  }
  return {
    kind: "balanced",
    tone: "good",
    headline: "Agents and dependencies are in balance.",
    detail: `Slots were ${formatShare(utilization)} busy${ofPath}. More slots and a shorter critical path would each help a little.`,
  };
}

function pathBound({ summary, criticalPath }: FindingsInput, pathMs: number, share: number): Finding {
  const longest = criticalPath.reduce<FindingsInput["criticalPath"][number] | undefined>(
    (best, task) => (best === undefined || task.serviceMs > best.serviceMs ? task : best),
    undefined,
  );
  const what =
    longest === undefined ? "" : ` Its longest task is ${longest.label}: ${formatDuration(longest.serviceMs)}, ${formatShare(longest.serviceMs / pathMs)} of it.`;
  const chain = criticalPath.length > 1 ? `${formatCount(criticalPath.length)} tasks that wait for each other` : "one task";
  const ofSlots = summary.utilization === null ? "" : ` while slots were ${formatShare(summary.utilization)} busy`;
  return {
    kind: "path-bound",
    tone: "warn",
    headline: "More agents will not help much: shorten the critical path.",
    detail: `The critical path (${chain}) is ${formatDuration(pathMs)}, ${formatShare(share)} of the makespan${ofSlots}.${what} Split it or make it faster.`,
  };
}

function slotBound(summary: RunSummary, makespanMs: number, utilization: number, pathShare: number | undefined): Finding {
  const cpu = summary.cpu_utilization;
  const ofPath = pathShare === undefined ? "" : ` and the critical path is only ${formatShare(pathShare)} of the makespan`;
  if (cpu !== null && cpu >= BUSY) {
    return {
      kind: "cpu-bound",
      tone: "warn",
      headline: "The processor was full: more slots on this machine will not help.",
      detail: `Tasks computed for ${formatShare(cpu)} of the cores' time${ofPath}. Another machine or faster tasks would.`,
    };
  }
  const bestMs = Math.max((pathShare ?? 0) * makespanMs, (utilization * makespanMs) / 2);
  return {
    kind: "slot-bound",
    tone: "info",
    headline: "More slots would cut the time.",
    detail: `Slots were ${formatShare(utilization)} busy${ofPath}: twice as many could bring ${formatDuration(makespanMs)} down to about ${formatDuration(bestMs)}, if the tasks do not share something else that is full.`,
  };
}

/** One kind of agent busy while the others were not. */
function fullKind({ agents }: FindingsInput, makespanMs: number): Finding | undefined {
  const kinds = new Map<string, { slots: number; busyMs: number }>();
  for (const { kind, slots, busyMs } of agents) {
    const sum = kinds.get(kind) ?? { slots: 0, busyMs: 0 };
    kinds.set(kind, { slots: sum.slots + slots, busyMs: sum.busyMs + busyMs });
  }
  if (kinds.size < 2) return undefined;
  const shares = [...kinds].map(([kind, { slots, busyMs }]) => ({ kind, slots, share: slots === 0 ? 0 : Math.min(1, busyMs / (slots * makespanMs)) }));
  const [fullest, ...others] = shares.toSorted((a, b) => b.share - a.share);
  const next = others[0];
  if (fullest === undefined || next === undefined || fullest.share < FULL || fullest.share < TIMES_BUSIER * next.share) return undefined;
  return {
    kind: "uneven",
    tone: "info",
    headline: `The ${fullest.kind} agents are the bottleneck: give them more slots.`,
    detail: `Their ${formatMany(fullest.slots, "slot")} were ${formatShare(fullest.share)} busy; the next kind, ${next.kind}, was ${formatShare(next.share)} busy.`,
  };
}

function straggler({ summary, criticalPath }: FindingsInput): Finding | undefined {
  const slow = summary.slowest[0];
  const { p95 } = summary.service_ms;
  if (slow === undefined || p95 === null || summary.makespan_ms === null || summary.tasks.total < 20) return undefined;
  const share = slow.service_ms / summary.makespan_ms;
  const times = slow.service_ms / Math.max(1, p95);
  const label = slow.name ?? slow.task_id;
  const isSaid = criticalPath.length === 1 && (summary.critical_path_ms ?? 0) >= NEAR * summary.makespan_ms;
  if (times < 4 || share < 0.15 || isSaid) return undefined;
  return {
    kind: "straggler",
    tone: "warn",
    headline: `One task took far longer than the rest: ${label}.`,
    detail: `It ran for ${formatDuration(slow.service_ms)}, ${formatCount(times)} times what 95 % of the tasks need and ${formatShare(share)} of the makespan. Split it, or give it a high priority so that it starts first.`,
  };
}

function type({ by_type: types }: RunSummary): Finding | undefined {
  const busyMs = types.reduce((sum, each) => sum + each.busy_ms, 0);
  const most = types[0];
  if (most === undefined || types.length < 2 || busyMs === 0 || most.busy_ms / busyMs < 0.5) return undefined;
  const share = most.busy_ms / busyMs;
  return {
    kind: "type",
    tone: "info",
    headline: `Most of the work is ${most.type}: ${formatShare(share)} of the slot time.`,
    detail: `${formatMany(most.tasks.total, "task")}, ${formatDuration(most.service_ms.mean)} each on average. Made twice as fast, it would free ${formatShare(share / 2)} of the slot time.`,
  };
}

function retries({ attempts, retries: repeated, tasks }: RunSummary): Finding | undefined {
  if (attempts === 0 || repeated / attempts < 0.1) return undefined;
  return {
    kind: "retries",
    tone: "warn",
    headline: `${formatShare(repeated / attempts)} of the attempts were repeats.`,
    detail: `${formatCount(attempts)} attempts for ${formatMany(tasks.total, "task")}: look at what fails first and works later.`,
  };
}

function late({ late: count, at_risk: atRisk }: RunSummary): Finding | undefined {
  if (count === 0) return undefined;
  const said = atRisk === null ? "" : ` ${formatMany(atRisk, "task")} ${atRisk === 1 ? "was" : "were"} reported at risk before.`;
  return {
    kind: "late",
    tone: "warn",
    headline: `${formatMany(count, "task")} ended after ${count === 1 ? "its" : "their"} due date.`,
    detail: `More slots, the policy edf or fewer tasks at once would help; if_late refuses or downgrades what cannot make it.${said}`,
  };
}

function resumed({ resumed: count }: RunSummary): Finding | undefined {
  if (count === 0) return undefined;
  const headline = `${formatMany(count, "task")} ${count === 1 ? "was" : "were"} already done.`;
  return { kind: "resumed", tone: "good", headline, detail: "An earlier run had finished them, so they were not run again." };
}
