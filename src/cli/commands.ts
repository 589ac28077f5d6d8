/**
 * The commands, in the order of the help. Each one's module is imported only when it is needed, so that a command starts as
 * fast as if it were alone.
 */
import type { CliCommand } from "./command.ts";

export interface CommandEntry {
  readonly name: string;
  /** A line for the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<CliCommand>;
}

export const COMMANDS: readonly CommandEntry[] = [
  { name: "run", summary: "run a flow file, a list of tasks, or a command for each line", load: async () => (await import("./run/command.ts")).runCommand },
  { name: "plan", summary: "search for a short schedule of a flow, without running it", load: async () => (await import("./plan.ts")).planCommand },
  { name: "ls", summary: "list tasks, the newest first", load: async () => (await import("./ls.ts")).lsCommand },
  { name: "show", summary: "everything about a task: state and why, attempts, input, result", load: async () => (await import("./show.ts")).showCommand },
  { name: "why", summary: "why a task waits, what must happen first, when it should start", load: async () => (await import("./why.ts")).whyCommand },
  { name: "logs", summary: "what a task wrote while it ran", load: async () => (await import("./logs.ts")).logsCommand },
  { name: "cancel", summary: "cancel tasks that have not finished", load: async () => (await import("./cancel.ts")).cancelCommand },
  { name: "retry", summary: "run finished tasks that did not succeed again", load: async () => (await import("./retry.ts")).retryCommand },
  { name: "policy", summary: "list queues, or choose what orders one", load: async () => (await import("./policy.ts")).policyCommand },
  { name: "share", summary: "share a queue between tenants by weight", load: async () => (await import("./share.ts")).shareCommand },
  { name: "balancer", summary: "choose how agents are picked", load: async () => (await import("./balancer.ts")).balancerCommand },
  { name: "pause", summary: "start no more tasks of a queue, or of all", load: async () => (await import("./pause.ts")).pauseCommand },
  { name: "resume", summary: "end the pause of a queue, or of all", load: async () => (await import("./pause.ts")).resumeCommand },
  { name: "stats", summary: "KPIs: throughput, latency, utilization, critical path", load: async () => (await import("./stats.ts")).statsCommand },
  { name: "export", summary: "tasks as NDJSON or CSV, or a trace to open in Perfetto", load: async () => (await import("./export.ts")).exportCommand },
  { name: "simulate", summary: "try a policy, a fleet or a workload on virtual time", load: async () => (await import("./simulate.ts")).simulateCommand },
  { name: "doctor", summary: "check this machine and a store file", load: async () => (await import("./doctor.ts")).doctorCommand },
  { name: "completion", summary: "a completion script for bash, zsh or fish", load: async () => (await import("./completion.ts")).completionCommand },
];
