/** Live runs beside their replay in the simulator, as a picture. */
import { chartOf, type Column } from "./chart.ts";

export interface LiveResult {
  readonly policy: string;
  readonly agents: number;
  readonly live: LiveFigures;
  readonly simulated: LiveFigures;
  readonly off_percent: Readonly<Record<"mean" | "p95", number>>;
}

export interface LiveFigures {
  readonly mean_ms: number;
  readonly p95_ms: number;
  readonly makespan_ms: number;
}

export function livePicture(results: readonly LiveResult[]): string {
  const column = (title: string, figure: "mean" | "p95"): Column => ({
    title,
    format: (value) => value.toFixed(0),
    marks: results.map(({ live, simulated, off_percent: off }) => [
      { series: 0, value: live[`${figure}_ms`] },
      { series: 1, value: simulated[`${figure}_ms`], label: `${simulated[`${figure}_ms`].toFixed(0)}  (${signed(off[figure])} %)` },
    ]),
  });
  return chartOf({
    title: "A live run, and its history replayed in the simulator",
    description: "Mean and 95th percentile of the sojourn of tasks, live and simulated, under each policy and for each number of agents, with the difference in percent.",
    series: [{ name: "live", color: "grey" }, { name: "simulated", color: "blue" }],
    rows: results.map(({ policy, agents }) => `${policy}, ${agents} agents`),
    columns: [column("Mean sojourn, ms", "mean"), column("95th percentile, ms", "p95")],
    notes: ["In brackets: how far the simulation is off. Asked for: 5 % in the mean, 10 % in the 95th percentile."],
  });
}

function signed(percent: number): string {
  const text = Math.abs(percent).toFixed(1);
  if (text === "0.0") return text;
  return percent > 0 ? `+${text}` : `−${text}`;
}
