/** The rate under each policy by that under FCFS, with few and with many tasks waiting, as a picture. */
import { chartOf } from "./chart.ts";

export interface Cost {
  readonly us_per_task: number;
  readonly tasks_per_s: number;
  /** Rate by that of FCFS, which carries no tenants and no sessions. */
  readonly ratio_to_fcfs: number;
}

export interface PoliciesResult {
  /** Measured; the figures are medians over them. */
  readonly rounds: number;
  /** By load, then by how many tasks wait. */
  readonly result: Readonly<Record<string, Readonly<Record<string, Cost>>>>;
}

/** What was asked for, of the rate under FCFS. */
const GOAL = 0.6;

export function policiesPicture({ rounds, result }: PoliciesResult): string {
  const loads = Object.keys(result).filter((name) => name !== "fcfs");
  const sizes = [...new Set(loads.flatMap((name) => Object.keys(result[name]!)))].map(Number).sort((a, b) => a - b);
  const all = loads.flatMap((name) => Object.values(result[name]!).map((cost) => cost.ratio_to_fcfs));
  return chartOf({
    title: "Cost of policies: tasks a second, by that of first come, first served",
    description: `For each policy the rate of the scheduling core divided by the rate under FCFS, with ${sizes.map(count).join(" and with ")} tasks waiting; the dashed line is the goal of ${GOAL}.`,
    series: [{ name: `${GOAL} of FCFS or more`, color: "blue" }, { name: "less", color: "orange" }, { name: `goal ${GOAL}`, color: "grey" }],
    rows: loads,
    columns: sizes.map((size) => ({
      title: `${count(size)} waiting`,
      to: Math.max(1, ...all),
      format: (value) => String(Number(value.toFixed(2))),
      marks: loads.map((name) => {
        const cost = result[name]![size];
        return cost === undefined ? [] : [{ series: cost.ratio_to_fcfs >= GOAL ? 0 : 1, value: cost.ratio_to_fcfs, label: cost.ratio_to_fcfs.toFixed(2) }];
      }),
      lines: [{ at: GOAL, series: 2 }],
    })),
    notes: [`Medians of ${rounds} rounds of processor time; each load takes its turn beside FCFS, whose tasks have no tenants and no sessions.`],
  });
}

function count(value: number): string {
  return value.toLocaleString("en");
}
