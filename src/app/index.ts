/**
 * The package `makespan`: a durable task engine in your program. `open` gives an app on a file; `defineTask` says what its
 * tasks are.
 */
export { App, type CloseOptions, type WatchOptions } from "./app.ts";
export type { AgentStats, AppStats, LiveState, QueueStats } from "./app-stats.ts";
export type { ChangeFeed, TaskChange } from "./change-feed.ts";
export type { Time } from "./check.ts";
export { command } from "./command-task.ts";
export { defineTask, type InputOf, type ResultOf, type TaskDefinition } from "./define-task.ts";
export type { AddTask, FlowTask, FlowTaskOptions } from "./flow-builder.ts";
export type { FlowEnds, FlowHandle, FlowTasks, NamedTasks, TaskEnd } from "./flow-handle.ts";
export type { Json } from "./json-type.ts";
export type { AppLimits, LimitStats, Uses } from "./limits.ts";
export type { LimitOptions } from "../protocol/limit-rule.ts";
export { open, type AppOptions, type OpenOptions } from "./open.ts";
export type { IfLate, SubmitOptions, TaskRef } from "./submit-options.ts";
export type { FlowOptions } from "./submitter.ts";
export { TaskFailedError, type FailureState, type TaskError } from "./task-failed-error.ts";
export type { FlowRef, TaskFilter } from "./task-filter.ts";
export type { TaskHandle } from "./task-handle.ts";
export type { AttemptInfo, LogLine, TaskInfo, TaskSummary } from "./task-info.ts";
export type { ListOptions, LogOptions, TaskPage } from "./task-queries.ts";
export type { RetryOptions, TaskSettings, TypeSettings } from "./task-settings.ts";
export type { TaskTraits } from "./task-traits.ts";
export type { TaskState } from "../core/task.ts";
export type { AgentDriver, AttemptReporter, AttemptStart } from "../engine/agent.ts";
export type { BatchHandler, ParkRequest, TaskContext, TaskHandler, TaskLog, TaskOutcome, Wake } from "../engine/context.ts";
export { createCommandAgent, type CommandAgentOptions } from "../engine/agents/command-agent.ts";
export type { CommandInput } from "../engine/agents/command/command-input.ts";
export { createFunctionAgent, type FunctionAgentOptions } from "../engine/agents/function-agent.ts";
export { createProcessAgent, type ProcessAgentOptions } from "../engine/agents/process-agent.ts";
export { createThreadAgent, type ThreadAgentOptions } from "../engine/agents/thread-agent.ts";
export { NonRetryableError, RateLimitedError, RetryAfterError, StoppedError } from "../engine/handler-errors.ts";
export type { EngineLimits } from "../engine/limits.ts";
export type { CloseMode } from "../engine/types.ts";
export { ERRORS, isMakespanError, MakespanError, type ErrorCode, type ErrorKind } from "../protocol/errors.ts";
export type { EstimateReport, EstimateSummary } from "../monitor/estimate-report.ts";
export type { Downgraded, TaskDue, TaskForecast, TaskObstacle, TaskWhy, WaitedFor } from "./why/task-why.ts";
export type { RunSummary, Spread } from "../monitor/summary.ts";
