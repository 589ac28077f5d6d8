// Made-up runs for the reports: a source tree analysed in layers on agents of several kinds, from one seed, as large as asked
// for. Starts, failures and the critical path follow from a small list scheduler, so that the numbers of a page agree.
import type { AttemptOutcome, PathStep, ReportAttempt, ReportFailure, RunReportData } from "../../src/cli/report/data.ts";
import { randomOf } from "../../src/core/struct/random.ts";
import { criticalPath } from "../../src/monitor/critical-path.ts";
import { createRunKpis } from "../../src/monitor/kpi.ts";

export interface MadeRun {
  /** About so many tasks. */
  readonly tasks: number;
  readonly seed?: number;
  /** Share of attempts that fail; default 0.02. */
  readonly failing?: number;
  /** Slots of the thread pool; the others get about as many. Default 4. */
  readonly slots?: number;
  /** Multiplies every duration; default 1. */
  readonly slowness?: number;
}

interface Planned {
  readonly id: number;
  readonly label: string;
  readonly type: string;
  readonly agentId: number;
  readonly needs: readonly number[];
  readonly meanMs: number;
}

const start = Date.UTC(2026, 0, 15, 9, 30, 0);
const retries = 1;
const folders = ["core", "engine", "store", "cli", "monitor", "sim", "server", "client"];

export function makeReportData({ tasks, seed = 1, failing = 0.02, slots = 4, slowness = 1 }: MadeRun): RunReportData {
  const agents = [
    { id: 1, name: "functions", kind: "function", slots: Math.max(2, Math.ceil(slots / 2)) },
    { id: 2, name: "threads", kind: "thread", slots },
    { id: 3, name: "processes", kind: "process", slots: Math.max(1, Math.floor(slots / 2)) },
    { id: 4, name: "commands", kind: "command", slots },
  ];
  const plan = planTree(tasks);
  const freeAt = new Map(agents.map((agent) => [agent.id, Array.from({ length: agent.slots }, () => 0)]));
  const endOf = new Map<number, number>();
  const isBad = new Set<number>();
  const attempts: ReportAttempt[] = [];
  const failures: ReportFailure[] = [];
  const steps = new Map<number, PathStep>();
  const kpis = createRunKpis({ agents, cores: 8, startedAt: start });

  for (const task of plan) {
    const taskId = `t${task.id}`;
    const agent = agents.find(({ id }) => id === task.agentId);
    let readyMs = Math.max(0, ...task.needs.map((need) => endOf.get(need) ?? 0));
    const settled = {
      taskId, name: task.label, type: task.type, agent: agent?.name ?? null, createdAt: start, servedMs: 0,
      peakMemoryBytes: Math.round(3e7 + randomOf(seed, task.id, 9) * 2e8), cost: 0,
    };
    if (task.needs.some((need) => isBad.has(need)) && !task.type.startsWith("re")) {
      isBad.add(task.id);
      endOf.set(task.id, readyMs);
      kpis.task({ ...settled, state: "skipped", readyAt: 0, assignedAt: 0, startedAt: 0, finishedAt: start + readyMs, cpuMs: 0, peakMemoryBytes: 0, attempts: 0 });
      continue;
    }
    const firstReadyMs = readyMs;
    for (let attempt = 1; ; attempt++) {
      const free = freeAt.get(task.agentId) ?? [];
      const slot = free.indexOf(Math.min(...free));
      const assignedMs = Math.max(readyMs, free[slot] ?? 0);
      const spin = randomOf(seed, task.id, attempt);
      const serviceMs = Math.max(0.4, task.meanMs * slowness * (0.25 + 3 * spin * spin * spin * spin + spin));
      const endMs = assignedMs + 1 + serviceMs;
      free[slot] = endMs;
      const isLucky = randomOf(seed, task.id, 100 + attempt) >= (attempt === 1 ? failing : 0.4) || task.type === "list" || task.type === "report";
      const outcome: AttemptOutcome = isLucky ? "succeeded" : spin > 0.8 ? "timeout" : spin < 0.1 ? "lost" : "failed";
      const times = { assignedAt: start + assignedMs, startedAt: start + assignedMs + 1, endedAt: start + endMs };
      attempts.push({ taskId, label: task.label, type: task.type, agentId: task.agentId, readyAt: start + readyMs, ...times, outcome, attempt });
      const usage = { cpuMs: task.type === "git-log" ? 0 : serviceMs * 0.9, peakMemoryBytes: settled.peakMemoryBytes, cost: 0 };
      if (!isLucky) kpis.attempt({ type: task.type, assignedAt: times.assignedAt, endedAt: times.endedAt, ...usage });
      if (!isLucky && attempt <= retries) {
        readyMs = endMs + 200;
        continue;
      }
      endOf.set(task.id, endMs);
      steps.set(task.id, { taskId, label: task.label, startMs: assignedMs + 1, serviceMs });
      const { endedAt: finishedAt, ...begun } = times;
      kpis.task({ ...settled, ...usage, state: isLucky ? "succeeded" : "failed", readyAt: start + readyMs, firstReadyAt: start + firstReadyMs, ...begun, finishedAt, attempts: attempt });
      if (!isLucky) {
        isBad.add(task.id);
        const message = `Command failed with exit code 1: wc -l "${task.label}"\n<stdin>: No such file & no such "directory"`;
        failures.push({ taskId, label: task.label, reason: outcome === "timeout" ? "timeout" : "exit_code", message });
      }
      break;
    }
  }
  const path = criticalPath(plan.map(({ id, needs }) => ({ id, needs, serviceMs: steps.get(id)?.serviceMs ?? 0 })));
  return {
    title: "source-report",
    command: "makespan run flow.yaml --report report.html",
    generatedAt: start + 3_600_000,
    startedAt: start,
    summary: kpis.summary({ criticalPathMs: path.totalMs }),
    agents,
    attempts,
    criticalPath: path.ids.flatMap((id) => steps.get(id) ?? []),
    failures,
    notes: ["Times are those of one machine with 8 cores."],
  };
}

/** One list, two tasks a file, one a folder, one a handful of authors, one report. */
function planTree(count: number): readonly Planned[] {
  const plan: Planned[] = [{ id: 1, label: "list files", type: "list", agentId: 1, needs: [], meanMs: 120 }];
  const files = Math.max(2, Math.round((count - 10) / 1.875));
  const byFolder = new Map<string, number[]>();
  const add = (task: Omit<Planned, "id">): number => {
    plan.push({ id: plan.length + 1, ...task });
    return plan.length;
  };
  for (let i = 0; i < files; i++) {
    const folder = folders[i % folders.length] ?? "core";
    const file = `src/${folder}/file-${Math.floor(i / folders.length)}.ts`;
    const measured = add({ label: `measure ${file}`, type: "measure", agentId: 2, needs: [1], meanMs: 320 });
    byFolder.set(folder, [...(byFolder.get(folder) ?? []).slice(-400), measured]);
    if (i % 8 !== 7) add({ label: `git log ${file}`, type: "git-log", agentId: 4, needs: [1], meanMs: 210 });
  }
  const reduced = [...byFolder].map(([folder, needs]) => add({ label: `reduce src/${folder}`, type: "reduce", agentId: 3, needs, meanMs: 600 }));
  const chart = add({ label: "draw charts", type: "render", agentId: 3, needs: reduced, meanMs: 900 });
  add({ label: "write report", type: "report", agentId: 1, needs: [chart, ...reduced], meanMs: 260 });
  return plan;
}
