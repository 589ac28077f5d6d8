/**
 * Runs a simulation in parts, so that a long one can be watched and stopped, and feeds it from a file where the workload is read
 * as it goes. Measures events a second by the wall clock, which the simulator itself does not know.
 */
import { setImmediate } from "node:timers/promises";
import { createSimulation, FeedSource, type Simulation, type SeriesResult, type SimulateOptions, type SimulationResult, type TaskEntry, type Workload } from "../../sim/index.ts";
import { refusing } from "./refusals.ts";
import type { OpenWorkload, StreamedTasks } from "./workload.ts";

/** About 20 ms of work. */
const TURNS_AT_ONCE = 10_000;

export interface SimulationProgress {
  /** Tasks submitted so far, of all if that is known. */
  readonly submitted: number;
  readonly taskCount: number | undefined;
  readonly inSystem: number;
  readonly virtualMs: number;
}

export interface RunSimulationOptions {
  readonly onProgress?: (progress: SimulationProgress) => void;
  /** Ends the run at the next part. */
  readonly signal?: AbortSignal;
}

export interface SimulationRun {
  readonly result: SimulationResult;
  /** What plots are made of; undefined unless `series` was asked for. */
  readonly plots: SimulationPlots | undefined;
}

export interface SimulationPlots {
  /** Sojourns of the tasks that completed, in ms: the value that a share of them does not exceed. */
  readonly sojournQuantile: (share: number) => number;
  readonly completed: number;
  readonly series: SeriesResult;
  /** Tasks that all agents can work on at once. */
  readonly workers: number;
}

/** Throws a `MakespanError` when an option or the workload makes no sense, and the signal's reason when it was stopped. */
export async function runSimulation(workload: OpenWorkload, options: Omit<SimulateOptions, "workload">, { onProgress, signal }: RunSimulationOptions = {}): Promise<SimulationRun> {
  const { simulation, feed } = created(workload, options);
  const startedAt = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    const state = refusing(() => simulation.run(TURNS_AT_ONCE));
    if (state === "done") break;
    onProgress?.({ submitted: simulation.submitted, taskCount: workload.taskCount, inSystem: simulation.inSystem, virtualMs: simulation.nowMs });
    if (state === "starved") await feed?.();
    else await setImmediate();
  }
  const eventsPerS = (simulation.events / (performance.now() - startedAt)) * 1000;
  return { result: { ...simulation.result(), events_per_s: Math.round(eventsPerS) }, plots: plotsOf(simulation) };
}

function plotsOf({ meter, agents }: Simulation): SimulationPlots | undefined {
  if (meter.series === undefined) return undefined;
  meter.fold();
  const { sojourn } = meter.types.total();
  return {
    sojournQuantile: (share) => sojourn.quantile(share) ?? 0,
    completed: sojourn.count,
    series: meter.series.result(),
    workers: agents.reduce((sum, { workers }) => sum + workers, 0),
  };
}

interface Created {
  readonly simulation: Simulation;
  /** Gives the simulation more tasks. */
  readonly feed: (() => Promise<void>) | undefined;
}

function created({ name, taskCount, notes, tasks }: OpenWorkload, options: Omit<SimulateOptions, "workload">): Created {
  if (tasks.kind === "workload") return { simulation: refusing(() => createSimulation({ ...options, workload: tasks.workload })), feed: undefined };
  const source = new FeedSource(tasks.stream.types, taskCount);
  const workload: Workload = { name, taskCount, notes, open: () => source };
  return { simulation: refusing(() => createSimulation({ ...options, workload })), feed: feeder(source, tasks.stream) };
}

function feeder(source: FeedSource, stream: StreamedTasks): () => Promise<void> {
  const batches = stream.read();
  return async () => {
    const next: IteratorResult<readonly TaskEntry[], void> = await batches.next();
    if (next.done === true) source.end();
    else source.push(next.value);
  };
}
