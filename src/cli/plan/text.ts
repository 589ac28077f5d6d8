/** A plan for people: how long, how good, what it gains, a timeline of the agents in characters, and who does what when. */
import { formatCount, formatDuration, formatMany, formatShare } from "../../monitor/format.ts";
import type { Plan } from "../../sim/plan/problem.ts";
import type { Output } from "../output.ts";
import { createTable } from "../table.ts";
import { fitTo, padTo, plain, wrapTo, type Painter } from "../view/columns.ts";
import { isProvedBest, type MadePlan } from "./json.ts";

const LANES_SHOWN = 24;
const TASKS_SHOWN = 30;
/** Neighbours in a lane differ. */
const SHADES = ["█", "▒"] as const;

/** Lines without a line break at the end. */
export function renderPlanText(made: MadePlan, out: Output): string {
  const width = Math.max(40, Math.min(out.columns, 120));
  const { paint } = out;
  const sections = [
    headline(made, width, paint),
    measures(made, width),
    timeline(made, width, paint),
    tasksTable(made, out),
    made.input.notes.flatMap((note) => wrapTo(plain(note), width)),
  ];
  return sections.filter((lines) => lines.length > 0).map((lines) => lines.join("\n")).join("\n\n");
}

function headline({ input, plan, searchMs }: MadePlan, width: number, paint: Painter): readonly string[] {
  const slots = (input.problem.agents ?? []).reduce((sum, agent) => sum + agent.slots, 0);
  const text = `${formatMany(input.tasks.length, "task")} on ${formatMany(slots, "slot")} in ${formatDuration(plan.makespan)}; ${formatMany(plan.schedules, "schedule")} tried in ${formatDuration(searchMs)}.`;
  return wrapTo(`${plain(input.name)}: ${text}`, width).map((line) => paint("bold", line));
}

function measures({ plan }: MadePlan, width: number): readonly string[] {
  const rows: readonly (readonly [string, string])[] = [
    ["Makespan", formatDuration(plan.makespan)],
    ["Lower bound", `${formatDuration(plan.lowerBound)}, ${boundWords(plan)}`],
    ["Unplanned", `${formatDuration(plan.listMakespan)} in the order of the file, ${gainWords(plan)}`],
  ];
  return rows.map(([name, value]) => fitTo(`  ${padTo(name, 13)}${value}`, width));
}

function boundWords(plan: Plan): string {
  if (isProvedBest(plan)) return "so no plan is shorter";
  return `so this plan is at most ${formatShare(plan.makespan / plan.lowerBound - 1)} longer than the best`;
}

function gainWords({ makespan, listMakespan }: Plan): string {
  return listMakespan <= makespan * (1 + 1e-9) ? "the same" : `${formatShare(listMakespan / makespan - 1)} longer`;
}

function timeline({ input, plan }: MadePlan, width: number, paint: Painter): readonly string[] {
  const agents = input.problem.agents ?? [];
  const lanes = agents.flatMap(({ slots }, agent) => Array.from({ length: slots }, (_, slot) => ({ agent, slot })));
  if (plan.makespan === 0 || lanes.length === 0) return [];
  const nameWidth = Math.min(20, Math.max(...input.agents.map(({ name }) => plain(name).length)));
  const columns = width - nameWidth - 4;
  const tasksOf = new Map<string, number[]>();
  for (const task of plan.order) {
    const { agent, slot } = plan.tasks[task]!;
    if (agent === undefined) continue;
    const lane = `${agent}/${slot}`;
    const others = tasksOf.get(lane);
    if (others === undefined) tasksOf.set(lane, [task]);
    else others.push(task);
  }
  const shown = lanes.slice(0, LANES_SHOWN).map(({ agent, slot }) => {
    const name = slot === 0 ? fitTo(plain(input.agents[agent]!.name), nameWidth) : "";
    return `  ${padTo(name, nameWidth)}  ${bar(plan, tasksOf.get(`${agent}/${slot}`) ?? [], columns)}`.trimEnd();
  });
  const end = formatDuration(plan.makespan);
  const axis = `  ${" ".repeat(nameWidth)}  0${" ".repeat(Math.max(1, columns - 1 - end.length))}${end}`;
  const more = lanes.length > LANES_SHOWN ? [`  and ${formatMany(lanes.length - LANES_SHOWN, "more slot")}`] : [];
  return [paint("bold", "Timeline"), ...shown, axis, ...more];
}

/** Each column shows the task that runs in its middle. */
function bar(plan: Plan, tasks: readonly number[], columns: number): string {
  let text = "";
  let at = 0;
  for (let column = 0; column < columns; column++) {
    const time = (plan.makespan * (column + 0.5)) / columns;
    while (at < tasks.length && plan.tasks[tasks[at]!]!.finish <= time) at += 1;
    const isBusy = at < tasks.length && plan.tasks[tasks[at]!]!.start <= time;
    text += isBusy ? SHADES[at % 2] : "·";
  }
  return text;
}

function tasksTable({ input, plan }: MadePlan, out: Output): readonly string[] {
  if (plan.order.length === 0) return [];
  const table = createTable<number>(
    [
      { title: "START", value: (task) => formatDuration(plan.tasks[task]!.start), align: "right" },
      { title: "TAKES", value: (task) => formatDuration(plan.tasks[task]!.finish - plan.tasks[task]!.start), align: "right" },
      { title: "AGENT", value: (task) => agentName(input, plan, task), least: 8 },
      { title: "TASK", value: (task) => input.tasks[task]!.id, least: 12 },
    ],
    out,
    { indent: 2 },
  );
  const more = plan.order.length > TASKS_SHOWN ? [`  and ${formatCount(plan.order.length - TASKS_SHOWN)} more: --json has them all`] : [];
  return [out.paint("bold", "Order"), ...table.lines(plan.order.slice(0, TASKS_SHOWN)), ...more];
}

function agentName(input: MadePlan["input"], plan: Plan, task: number): string {
  const { agent } = plan.tasks[task]!;
  return agent === undefined ? "" : input.agents[agent]!.name;
}
