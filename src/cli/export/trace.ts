/**
 * Attempts as a Chrome trace (the JSON trace event format), which Perfetto and chrome://tracing open: an agent is a process, each
 * of its lanes a thread, an attempt a slice on it. Times are µs since the first attempt.
 */
import { errorText, messageOf, type AttemptView, type Inspector, type TaskFilter, type TaskRow } from "../../app/inspect.ts";
import { formatTaskId } from "../../protocol/ids.ts";
import type { Output } from "../output.ts";
import { assignLanes, type LaneAttempt } from "./lanes.ts";

/** `now` ends the attempts that still run. */
export async function exportTrace(inspector: Inspector, filter: TaskFilter, now: number, out: Output): Promise<void> {
  let begin = Infinity;
  const lanes = assignLanes(laneAttempts(inspector, filter, now, (from) => (begin = Math.min(begin, from))));
  const named = new Set<string>();
  let separator = "\n";
  const event = async (value: Readonly<Record<string, unknown>>): Promise<void> => {
    await out.write(separator + JSON.stringify(value));
    separator = ",\n";
  };
  await out.write('{"displayTimeUnit":"ms","traceEvents":[');
  for (const { task, attempt } of attemptsOf(inspector, filter)) {
    if (out.isGone) return;
    const lane = lanes.laneOf(task.id, attempt.attempt);
    // It started after the times were read.
    if (lane === undefined) continue;
    const place = { pid: attempt.agentId, tid: lane };
    for (const meta of namesFor(place, inspector, named)) await event(meta);
    const { from, to } = spanOf(attempt, now);
    await event({
      name: task.name ?? formatTaskId(task.id),
      cat: attempt.outcome,
      ph: "X",
      ts: (from - begin) * 1_000,
      dur: Math.max(0, to - from) * 1_000,
      ...place,
      ...colour(attempt.outcome),
      args: argsOf(task, attempt),
    });
  }
  await out.line("\n]}");
}

function* attemptsOf(inspector: Inspector, filter: TaskFilter): Generator<{ readonly task: TaskRow; readonly attempt: AttemptView }> {
  for (const page of inspector.pages(filter)) {
    for (const task of page) for (const attempt of inspector.attempts(task)) yield { task, attempt };
  }
}

function* laneAttempts(inspector: Inspector, filter: TaskFilter, now: number, onStart: (from: number) => void): Generator<LaneAttempt> {
  for (const { task, attempt } of attemptsOf(inspector, filter)) {
    const span = spanOf(attempt, now);
    onStart(span.from);
    yield { taskId: task.id, attempt: attempt.attempt, agentId: attempt.agentId, ...span };
  }
}

/** From assignment on: that is when it takes the slot. */
function spanOf({ assignedAt, endedAt }: AttemptView, now: number): { readonly from: number; readonly to: number } {
  return { from: assignedAt, to: Math.max(assignedAt, endedAt > 0 ? endedAt : now) };
}

/** Names of an agent and a lane, before their first event. */
function* namesFor({ pid, tid }: { readonly pid: number; readonly tid: number }, inspector: Inspector, named: Set<string>): Generator<Readonly<Record<string, unknown>>> {
  const agent = inspector.agent(pid);
  if (!named.has(`${pid}`)) {
    named.add(`${pid}`);
    yield { name: "process_name", ph: "M", pid, tid: 0, args: { name: agent === undefined ? `agent ${pid}` : `${agent.name} (${agent.kind})` } };
    yield { name: "process_sort_index", ph: "M", pid, tid: 0, args: { sort_index: pid } };
  }
  if (named.has(`${pid}/${tid}`)) return;
  named.add(`${pid}/${tid}`);
  yield { name: "thread_name", ph: "M", pid, tid, args: { name: `slot ${tid}` } };
}

function argsOf(task: TaskRow, attempt: AttemptView): Readonly<Record<string, unknown>> {
  const { startedAt, assignedAt } = attempt;
  const error = messageOf(attempt.error) ?? (attempt.outcome === "failed" ? errorText(task) : undefined);
  return {
    task: formatTaskId(task.id),
    type: task.spec.type,
    attempt: attempt.attempt,
    outcome: attempt.outcome,
    ...(startedAt > assignedAt && { start_delay_ms: startedAt - assignedAt }),
    ...(attempt.cpuMs > 0 && { cpu_ms: attempt.cpuMs }),
    ...(error !== undefined && { error }),
  };
}

/** Names of the fixed palette of the format. */
function colour(outcome: string): { readonly cname?: string } {
  if (outcome === "succeeded" || outcome === "running") return {};
  return { cname: outcome === "failed" || outcome === "timeout" || outcome === "lost" || outcome === "expired" ? "terrible" : "bad" };
}
