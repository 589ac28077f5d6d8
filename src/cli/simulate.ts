/** `makespan simulate`: a workload on virtual agents under a policy, by the production scheduler; several policies side by side. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { runSimulation, type SimulationRun } from "../app/simulate/run.ts";
import { openWorkload, type OpenWorkload } from "../app/simulate/workload.ts";
import { MakespanError } from "../protocol/errors.ts";
import { intervalsOf, type SimulationResult } from "../sim/index.ts";
import { defineCommand, type CliContext } from "./command.ts";
import type { ExitName } from "./exit-codes.ts";
import { onSignals } from "./run/signals.ts";
import { SIMULATE_OPTIONS, simulateOptions, type SimulateValues } from "./simulate/options.ts";
import { createProgressLine } from "./simulate/progress.ts";
import { renderSimulationReport } from "./simulate/report.ts";
import { compareText, intervalsText, resultText } from "./simulate/text.ts";

const DEFAULT_POLICY = "fcfs";

export const simulateCommand = defineCommand({
  name: "simulate",
  description:
    "Simulates a workload on virtual agents: the scheduler that decides is the one that runs tasks, and time is virtual, so that hours take seconds. The workload is a recorded one, what a store file did, or a generated one. Nothing is run.",
  args: [],
  options: SIMULATE_OPTIONS,
  examples: [
    ["makespan simulate -w poisson:rate=3.6,tasks=50000 -a 4", "a queue with four agents"],
    ["makespan simulate -w trace.csv.gz -a 5 --compare fcfs,sjf,srpt", "policies on a recorded workload"],
    ["makespan simulate -w build.makespan.db -a 16 -p critical-path", "what a run would have taken with more agents"],
    ["makespan simulate -w heavy-tailed:load=0.8 --seeds 20 --json", "figures with confidence intervals"],
  ],
  async run({ context, options }) {
    if (options.workload === undefined) throw new MakespanError("invalid_option", "--workload is needed: a file, or a generator as in poisson:rate=0.9. See makespan simulate --help.", { option: "workload" });
    const abort = new AbortController();
    const stop = onSignals(() => abort.abort());
    try {
      return await simulateAll(await openWorkload(options.workload, { map: options.map, folder: context.folder }), options, context, abort.signal);
    } catch (error) {
      if (abort.signal.aborted && error === abort.signal.reason) return "interrupted";
      throw error;
    } finally {
      stop();
    }
  },
});

interface Runs {
  readonly policy: string;
  /** One for each seed. */
  readonly runs: readonly SimulationRun[];
}

async function simulateAll(workload: OpenWorkload, values: SimulateValues, context: CliContext, signal: AbortSignal): Promise<ExitName> {
  const { err, folder } = context;
  const options = simulateOptions(values, workload, folder);
  const firstSeed = values.seed ?? 1;
  const seeds = values.seeds ?? 1;
  const policies = values.compare ?? [values.policy ?? DEFAULT_POLICY];
  const progress = createProgressLine(err, values.quiet || values.json);
  for (const note of workload.notes) if (!values.json) await err.line(err.paint("dim", note));
  const all: Runs[] = [];
  try {
    for (const policy of policies) {
      const runs: SimulationRun[] = [];
      for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
        const label = seeds === 1 ? policy : `${policy}, seed ${seed}`;
        runs.push(await runSimulation(workload, { ...options, policy, seed }, { signal, onProgress: (state) => progress.show(label, state) }));
      }
      all.push({ policy, runs });
    }
  } finally {
    await progress.clear();
  }
  await show(all, workload, values, context);
  if (values.report !== undefined) await writeReport(all, workload, values.report, context);
  return "ok";
}

async function show(all: readonly Runs[], workload: OpenWorkload, values: SimulateValues, { out }: CliContext): Promise<void> {
  if (values.json) {
    const objects = all.map(({ runs }) => jsonOf(runs, workload));
    await out.json(values.compare === undefined ? objects[0] : { workload: workload.name, notes: workload.notes, compare: objects });
    return;
  }
  const title = `${workload.name}: ${values.compare === undefined ? all[0]!.policy : "policies compared"}`;
  if (values.compare !== undefined) await out.line(compareText(all.map(({ runs }) => runs[0]!.result), title, out));
  for (const { policy, runs } of all) {
    const results = runs.map(({ result }) => result);
    const name = `${workload.name}: ${policy}`;
    if (results.length > 1) await out.line(`${values.compare === undefined ? "" : "\n"}${intervalsText(results, intervalsOf(results), name, out)}`);
    else if (values.compare === undefined) await out.line(resultText(results[0]!, name, out));
  }
}

/** The figures of the first seed; of several, also each with its interval. */
function jsonOf(runs: readonly SimulationRun[], workload: OpenWorkload): object {
  const results: readonly SimulationResult[] = runs.map(({ result }) => result);
  return { ...results[0]!, workload: workload.name, notes: workload.notes, ...(results.length > 1 && { seeds: results.length, intervals: intervalsOf(results) }) };
}

async function writeReport(all: readonly Runs[], workload: OpenWorkload, file: string, { folder, err, now }: CliContext): Promise<void> {
  const path = resolve(folder, file);
  const page = renderSimulationReport({ title: workload.name, notes: workload.notes, generatedAt: now(), runs: all.map(({ runs }) => runs[0]!) });
  try {
    writeFileSync(path, page);
  } catch (error) {
    throw new MakespanError("invalid_option", `--report ${file}: could not be written: ${error instanceof Error ? error.message : String(error)}.`, { option: "report" }, { cause: error });
  }
  await err.line(`Report: ${path}`);
}
