/** Plans under scarce resources as a picture: results of this bench, kept in a file of lines, beside simple rules. */
import { chartOf, type Column, type Mark } from "./chart.ts";

export interface RcpspResult {
  readonly set: string;
  readonly budget_ms: number;
  readonly instances: number;
  readonly mean_percent_above_best: number;
}

/** Percent above the best known, in the mean of each set; measured apart from this bench on the same data. */
const BASELINES: readonly { readonly name: string; readonly percents: Readonly<Record<string, number>> }[] = [
  { name: "critical-path rule", percents: { j30: 4.4, j60: 5.6 } },
  { name: "best of 200 random schedules", percents: { j30: 1.1, j60: 2.2 } },
];
const TARGETS: Readonly<Record<string, number>> = { j30: 0.3, j60: 1.2 };

export function rcpspPicture(results: readonly RcpspResult[]): string {
  const sets = [...new Set(results.map(({ set }) => set))].sort();
  const columnOf = (set: string): Column => {
    // The last one is the newest.
    const { mean_percent_above_best: percent, instances } = results.findLast((one) => one.set === set)!;
    const baselines = BASELINES.map(({ percents }): readonly Mark[] => (percents[set] === undefined ? [] : [{ series: 0, value: percents[set] }]));
    const target = TARGETS[set];
    return {
      title: `${set}, ${instances} instances`,
      format: (value) => `${Number(value.toPrecision(2))} %`,
      marks: [...baselines, [{ series: 1, value: percent, ...(target !== undefined && { target }) }]],
    };
  };
  return chartOf({
    title: "Projects with scarce resources: above the best makespan known",
    description: "How far the schedules of PSPLIB instances are above the best makespan known, in the mean, for two simple rules and for the planner. Lower is better.",
    series: [{ name: "baselines, measured apart", color: "grey" }, { name: "Makespan", color: "blue" }],
    rows: [...BASELINES.map(({ name }) => name), `planned for ${results.at(-1)!.budget_ms} ms`],
    columns: sets.map(columnOf),
  });
}
