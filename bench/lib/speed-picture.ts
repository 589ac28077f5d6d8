/** Events a second of the simulator as a picture, beside a loop that only keeps a heap. */
import { chartOf } from "./chart.ts";

export interface SpeedResult {
  readonly tasks: number;
  readonly events_per_s: number;
  readonly bare_events_per_s: number;
  readonly edf_preempt_limits_events_per_s: number;
  readonly ratio: number;
}

export function speedPicture({ tasks, events_per_s: full, bare_events_per_s: bare, edf_preempt_limits_events_per_s: limited, ratio }: SpeedResult): string {
  const millions = (value: number): string => (value === 0 ? "0" : `${Number((value / 1e6).toPrecision(value < 1e6 ? 2 : 3))} M`);
  return chartOf({
    title: "Speed of the simulator: events a second",
    description: "Events a second through the full scheduling core, first come, first served and with preemption and limits, beside a bare heap loop without a core.",
    series: [{ name: "bare heap loop", color: "grey" }, { name: "full core", color: "blue" }],
    rows: ["bare heap loop, no core", "first come, first served", "due dates, preemption, limits"],
    columns: [
      {
        title: "Events a second, millions",
        format: millions,
        marks: [
          [{ series: 0, value: bare }],
          [{ series: 1, value: full, target: 1_000_000, label: `${millions(full)}, ${ratio.toFixed(2)} of the bare loop` }],
          [{ series: 1, value: limited, target: 400_000 }],
        ],
      },
    ],
    notes: [`M/M/4 at utilization 0.9, ${tasks.toLocaleString("en")} tasks; medians of runs in processes that take turns.`],
  });
}
