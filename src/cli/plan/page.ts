/** A plan as one HTML page that needs nothing else: how good it is, and its timeline by agent, drawn as that of a run is. */
import type { PlanInput } from "../../app/plan/plan-input.ts";
import { criticalPath } from "../../monitor/critical-path.ts";
import { formatCount, formatDuration, formatMany, formatShare } from "../../monitor/format.ts";
import type { Plan } from "../../sim/plan/problem.ts";
import { timelineOf } from "../report/timeline.ts";
import type { TimelineData } from "../report/data.ts";
import { html, type Html } from "../report/html.ts";
import { cell } from "../report/overview.ts";
import { notes, renderPage, timelineSection } from "../report/page.ts";
import { isProvedBest, ratioOf, type MadePlan } from "./json.ts";

const ROWS = 500;

export function renderPlanPage(made: MadePlan, { command, generatedAt }: { readonly command: string; readonly generatedAt: number }): string {
  const { input, plan } = made;
  const { timeline, hidden } = timelineOf(timelineData(input, plan));
  const at = new Date(generatedAt).toISOString();
  return renderPage({
    title: input.name,
    what: "plan",
    timeline,
    body: html`<header>
<div><h1>${input.name}</h1><p class="muted"><time datetime="${at}">${at.slice(0, 16).replace("T", " ")} UTC</time> · <code>${command}</code></p></div>
<p class="verdict">A plan: nothing was run</p>
</header>
${cards(made)}
${plan.makespan === 0 ? undefined : timelineSection(hidden, timeline)}
${table(input, plan)}
${notes(input.notes)}`,
  });
}

/** Agents count from 1 here: 0 stands for tasks that take no time and so have no agent, which are not drawn. */
function timelineData({ tasks, agents, problem }: PlanInput, plan: Plan): TimelineData {
  const path = criticalPath(problem.tasks.map(({ needs }, id) => ({ id, needs, serviceMs: plan.tasks[id]!.finish - plan.tasks[id]!.start })));
  return {
    startedAt: 0,
    summary: { makespan_ms: plan.makespan },
    agents: agents.map(({ name, kind }, index) => ({ id: index + 1, name, kind, slots: problem.agents![index]!.slots })),
    attempts: plan.order.map((task) => {
      const { start, finish, agent = -1 } = plan.tasks[task]!;
      const { id, type } = tasks[task]!;
      return { taskId: id, label: id, type, agentId: agent + 1, assignedAt: start, startedAt: start, endedAt: finish, outcome: "planned", attempt: 1 };
    }),
    criticalPath: path.ids.map((task) => ({ taskId: tasks[task]!.id, label: tasks[task]!.id, startMs: plan.tasks[task]!.start, serviceMs: plan.tasks[task]!.finish - plan.tasks[task]!.start })),
  };
}

function cards({ input, plan, searchMs }: MadePlan): Html {
  const agents = input.problem.agents ?? [];
  const slots = agents.reduce((sum, agent) => sum + agent.slots, 0);
  const busyMs = plan.tasks.reduce((sum, { start, finish, agent }) => sum + (agent === undefined ? 0 : finish - start), 0);
  const gain = plan.listMakespan / plan.makespan - 1;
  const all: readonly (readonly [name: string, value: string, words: string])[] = [
    ["Makespan", formatDuration(plan.makespan), `${formatMany(input.tasks.length, "task")}, start to last completion`],
    ["Lower bound", formatDuration(plan.lowerBound), isProvedBest(plan) ? "the plan is proved best" : `no plan is shorter; this one is ${ratioOf(plan)} times it`],
    ["Without a plan", formatDuration(plan.listMakespan), gain > 1e-9 ? `${formatShare(gain)} longer, in the order of the file` : "the same, in the order of the file"],
    ["Utilization", formatShare(plan.makespan === 0 ? null : busyMs / (slots * plan.makespan)), `of ${formatMany(slots, "slot")} on ${formatMany(agents.length, "agent")}; ${formatMany(plan.schedules, "schedule")} tried in ${formatDuration(searchMs)}`],
  ];
  return html`<dl class="cards of-4">${all.map(([name, value, words]) => html`<div class="card"><dt>${name}</dt><dd><b>${value}</b><span class="muted">${words}</span></dd></div>`)}</dl>`;
}

function table({ tasks, agents }: PlanInput, plan: Plan): Html {
  const rows = plan.order.slice(0, ROWS).map((task) => {
    const { start, finish, agent } = plan.tasks[task]!;
    const { id, type } = tasks[task]!;
    return html`<tr><td><button type="button" class="task" data-task="${id}" title="Show ${id} in the timeline">${id}</button></td><td>${type}</td><td>${agent === undefined ? "" : agents[agent]!.name}</td>${cell(start)}${cell(finish - start)}</tr>`;
  });
  const more = plan.order.length > ROWS ? html`<p class="muted small">${formatCount(plan.order.length - ROWS)} more tasks are not listed here.</p>` : undefined;
  return html`<section class="card" aria-labelledby="order"><h2 id="order">Order</h2>
<div class="scroll low" tabindex="0" role="region" aria-labelledby="order"><table><thead><tr><th>Task</th><th>Type</th><th>Agent</th><th class="number">Start</th><th class="number">Takes</th></tr></thead><tbody>
${rows}
</tbody></table></div>${more}</section>`;
}
