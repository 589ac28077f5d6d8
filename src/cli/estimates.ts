/** `makespan stats --estimates`: how good the learned durations are, type by type, and what would make them better. */
import type { EstimateReport, EstimateSummary } from "../monitor/estimate-report.ts";
import { formatCost, formatCount, formatDuration, formatShare, threeDigits } from "../monitor/format.ts";
import type { CliContext } from "./command.ts";
import { createTable, type Column } from "./table.ts";

const PREDICTOR_WORDS: Readonly<Record<EstimateSummary["predictor"], string>> = {
  given: "given",
  given_scaled: "given, scaled",
  type: "mean",
  recent: "recent mean",
  size: "size",
};

type Size = EstimateSummary["sizes"][number];

interface Measured {
  readonly tasks: number;
  readonly mean_ms: number;
  readonly p50_ms: number;
  readonly p90_ms: number;
}

export async function printEstimates(report: EstimateReport, isVerbose: boolean, where: string, { out, err }: CliContext): Promise<void> {
  for (const type of report.ignored) await err.line(`What was learned of ${type} cannot be read (damaged, or of a newer version): it is learned anew.`);
  if (report.types.length === 0) {
    await err.line(err.paint("dim", `Nothing is learned in ${where} yet: durations are learned from tasks that succeed.`));
    return;
  }
  const table = createTable<EstimateSummary>(
    [
      { title: "TYPE", value: ({ type }) => type, least: 10 },
      ...measures<EstimateSummary>(),
      { title: "COST", value: ({ cost_mean }) => (cost_mean === 0 ? "" : formatCost(cost_mean)), align: "right" },
      { title: "BY", value: ({ predictor }) => PREDICTOR_WORDS[predictor] },
      { title: "OFF BY", value: ({ errors }) => factor(errors.median_factor), align: "right" },
      { title: "WITHIN 25 %", value: ({ errors }) => formatShare(errors.within_quarter), align: "right", spared: 1 },
      { title: "BIAS", value: ({ errors }) => signed(errors.bias_ms), align: "right", spared: 2 },
      { title: "ORDERED", value: ({ errors }) => formatShare(errors.ordered), align: "right", spared: 3 },
      { title: "GIVEN OFF BY", value: ({ given }) => (given === null ? "" : factor(given.median_factor)), align: "right" },
    ],
    out,
  );
  await out.line(table.lines(report.types).join("\n"));
  for (const { type, sizes } of isVerbose ? report.types : []) if (sizes.length > 0) await printSizes(type, sizes, out);
  await out.line();
  for (const { type, advice } of report.types) await out.line(`${type}: ${advice}`);
}

async function printSizes(type: string, sizes: readonly Size[], out: CliContext["out"]): Promise<void> {
  const table = createTable<Size>(
    [
      { title: "SIZE FROM", value: ({ from_size }) => threeDigits(from_size), align: "right" },
      { title: "BELOW", value: ({ below_size }) => (below_size === null ? "" : threeDigits(below_size)), align: "right" },
      ...measures<Size>(),
      { title: "OFF BY", value: ({ median_factor }) => factor(median_factor), align: "right" },
      { title: "WITHIN 25 %", value: ({ within_quarter }) => formatShare(within_quarter), align: "right" },
    ],
    out,
    { indent: 2 },
  );
  await out.line();
  await out.line(`${type} by size`);
  await out.line(table.lines(sizes).join("\n"));
}

function measures<Row extends Measured>(): readonly Column<Row>[] {
  return [
    { title: "TASKS", value: ({ tasks }) => formatCount(tasks), align: "right" },
    { title: "MEAN", value: ({ mean_ms }) => formatDuration(mean_ms), align: "right" },
    { title: "P50", value: ({ p50_ms }) => formatDuration(p50_ms), align: "right", spared: 4 },
    { title: "P90", value: ({ p90_ms }) => formatDuration(p90_ms), align: "right" },
  ];
}

function factor(value: number): string {
  return `${threeDigits(value)}×`;
}

function signed(ms: number): string {
  return ms < 0 ? `−${formatDuration(-ms)}` : `+${formatDuration(ms)}`;
}
