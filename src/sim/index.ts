/**
 * The package `makespan/sim`: the simulator. `simulate` runs the production scheduler on virtual time, with a workload that was
 * recorded or generated; it is pure ECMAScript and reads no files.
 */
export { createSimulation, simulate, simulateSeeds, type SimulateOptions } from "./simulate.ts";
export { Simulation, type RunState, type SimulationOptions } from "./driver/simulation.ts";
export type { AgentGroup } from "./driver/virtual-agents.ts";
export type { Estimates } from "./driver/submissions.ts";
export { agentSessions, generate, isGenerator, taskStream } from "./generate/generators.ts";
export { diurnal, modulated, renewal, type Arrivals } from "./generate/arrivals.ts";
export type { SessionOptions } from "./generate/sessions.ts";
export type { StreamOptions } from "./generate/stream.ts";
export { balancedHyperexponential, boundedPareto, deterministic, exponential, hyperexponential, lognormal, parseDistribution, uniform, type Distribution } from "./distributions.ts";
export { Random } from "./random.ts";
export { CsvReader } from "./read/csv.ts";
export type { LineReader } from "./read/line-reader.ts";
export { NdjsonReader } from "./read/ndjson.ts";
export { SwfReader } from "./read/swf.ts";
export { parseWfFormat } from "./read/wf-format.ts";
export { SimulationRefusal, type RefusalCode } from "./refusal.ts";
export { intervalOf, intervalsOf, type Interval, type Intervals } from "./results/over-seeds.ts";
export type { AgentResult, GroupResult, NamedGroupResult, SessionsResult, SimulationResult, Spread } from "./results/result.ts";
export type { SeriesResult } from "./results/series.ts";
export { TaskList, type TaskEntry } from "./workload/list.ts";
export { FeedSource } from "./workload/feed.ts";
export { scaledWorkload, type Scale } from "./workload/scaled.ts";
export type { TaskSource, WorkloadTask } from "./workload/task.ts";
export type { Workload } from "./workload/workload.ts";
