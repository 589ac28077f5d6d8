/** The state of a run as the live view draws it. */
import type { Run } from "../../app/run/run.ts";
import type { ProgressState } from "../view/progress.ts";
import type { Throughput } from "../view/throughput.ts";

const STOPPING = { drain: "stopping: waiting for what runs", leave: "stopping: asking what runs to save its place", now: "stopping" } as const;

function noticeOf({ stopping, isPaused }: Run): Pick<ProgressState, "notice"> {
  if (stopping !== undefined) return { notice: STOPPING[stopping] };
  return isPaused ? { notice: "paused: makespan resume goes on" } : {};
}

export function progressOf(title: string, run: Run, throughput: Throughput, now: number): ProgressState {
  const { watch } = run;
  const summary = watch.counts();
  return {
    title,
    elapsedMs: now - run.startedAt,
    total: Math.max(run.total - run.resumed, watch.settled + watch.running.size),
    isTotalFinal: run.isTotalFinal,
    succeeded: summary.succeeded,
    failed: summary.failed,
    dropped: summary.dropped,
    resumed: run.resumed,
    atRisk: watch.atRisk,
    running: [...watch.running.values()].map((task) => ({
      label: task.label,
      agent: task.agent,
      forMs: now - task.since,
      ...(task.progress !== undefined && { progress: task.progress }),
      ...(task.note !== undefined && { note: task.note }),
    })),
    slots: run.agents.reduce((sum, agent) => sum + agent.spec.slots, 0),
    recentPerS: throughput.perSecond(now),
    meanServiceMs: watch.meanServiceMs(),
    failures: watch.failures.map(({ seq, label, message, reason }) => ({ seq, label, message: message === "" ? reason : message })),
    ...noticeOf(run),
  };
}
