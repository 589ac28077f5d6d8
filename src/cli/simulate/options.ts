/** The options of `makespan simulate`, and how their texts become those of a simulation. */
import { resolve } from "node:path";
import { readAgentsFile } from "../../app/simulate/agents-file.ts";
import type { OpenWorkload } from "../../app/simulate/workload.ts";
import { MakespanError } from "../../protocol/errors.ts";
import type { SimulateOptions } from "../../sim/index.ts";
import type { OptionSpecs, OptionValues } from "../command.ts";
import { JSON_OPTION } from "../common-options.ts";

export const SIMULATE_OPTIONS = {
  workload: { kind: "text", short: "w", value: "WORKLOAD", summary: "tasks: CSV, NDJSON, SWF, WfFormat (gzipped or not), a store file, or a generator as in poisson:rate=0.9,tasks=50000", completes: "files" },
  agents: { kind: "text", short: "a", value: "AGENTS", summary: "so many agents of one slot, or a file of groups of agents (default: those of a store file, else 1)", completes: "files" },
  policy: { kind: "text", short: "p", value: "POLICY", summary: "fcfs, sjf, srpt, priority, round-robin, edf, least-slack, critical-path, las or wspt, with options as in sjf:aging=off (default fcfs)" },
  balancer: { kind: "text", short: "b", value: "BALANCER", summary: "who gets a task: round-robin, least-connections, … (default round-robin)" },
  compare: { kind: "list", short: "c", value: "POLICIES", summary: "simulate the same tasks under each of these policies" },
  estimates: { kind: "choice", value: "FROM", of: ["exact", "given", "learned"], summary: "where estimates come from: true sizes, the workload (default), or what is learned" },
  "fair-share": { kind: "text", value: "WEIGHTS", summary: "fair share between tenants: equal, or weights as in web=3,batch=1" },
  seed: { kind: "number", short: "s", value: "N", min: 0, summary: "of everything random (default 1)" },
  seeds: { kind: "number", value: "N", min: 1, summary: "so many runs, with seeds from --seed on: means with 99 % confidence intervals" },
  "warm-up": { kind: "text", value: "TASKS", summary: "the first tasks, which are not measured: a share of all as in 0.1, or so many (default 0)" },
  "speed-up": { kind: "text", value: "X", summary: "all of the workload X times as fast: arrivals, services, due dates" },
  load: { kind: "text", value: "X", summary: "arrivals X times as dense: more is asked of the same agents" },
  map: { kind: "list", value: "FIELDS", summary: "columns of a foreign CSV, as in arrival_s=TIMESTAMP,service_s=0.025*GeneratedTokens" },
  preemption: { kind: "choice", value: "HOW", of: ["resume", "restart", "off"], summary: "what a preempted task keeps: its work (default), nothing, or it is never preempted" },
  "preemption-cost": { kind: "duration", value: "TIME", summary: "how long a preempted task still holds its agent, as in 50ms (default 0)" },
  retries: { kind: "number", value: "N", min: 0, summary: "attempts after a failed one (default 3)" },
  report: { kind: "text", short: "o", value: "FILE", summary: "write a page with plots", completes: "files" },
  quiet: { kind: "flag", short: "q", summary: "no progress" },
  json: JSON_OPTION,
} as const satisfies OptionSpecs;

export type SimulateValues = OptionValues<typeof SIMULATE_OPTIONS>;

/** Everything but the workload and the policy. Throws `invalid_option`. */
export function simulateOptions(values: SimulateValues, workload: OpenWorkload, folder: string): Omit<SimulateOptions, "workload" | "policy"> {
  const { balancer, estimates, seed, preemption, retries } = values;
  return {
    ...agentsOf(values.agents, workload, folder),
    ...(balancer !== undefined && { balancer }),
    ...(estimates !== undefined && { estimates }),
    ...(values["fair-share"] !== undefined && { fairShare: weightsOf(values["fair-share"]) }),
    ...(seed !== undefined && { seed }),
    ...(values["warm-up"] !== undefined && { warmUp: numberOf("warm-up", values["warm-up"], "a share below 1, or a whole number of tasks", (tasks) => tasks >= 0 && (tasks < 1 || Number.isSafeInteger(tasks))) }),
    ...(values["speed-up"] !== undefined && { speedUp: factorOf("speed-up", values["speed-up"]) }),
    ...(values.load !== undefined && { load: factorOf("load", values.load) }),
    ...(preemption !== undefined && { preemption }),
    ...(values["preemption-cost"] !== undefined && { preemptionMs: values["preemption-cost"] }),
    ...(retries !== undefined && { retries }),
    series: values.report !== undefined,
  };
}

function agentsOf(text: string | undefined, workload: OpenWorkload, folder: string): Pick<SimulateOptions, "agents" | "distances" | "typeLimits" | "limits"> {
  const limits = workload.limits === undefined ? {} : { limits: workload.limits };
  if (text === undefined) return { ...limits, agents: workload.agents ?? 1 };
  if (!/^-?[\d.]+$/.test(text)) return { ...limits, ...readAgentsFile(resolve(folder, text), text) };
  return { ...limits, agents: numberOf("agents", text, "a whole number of 1 or more, or a file", (count) => Number.isSafeInteger(count) && count >= 1) };
}

/** `equal`, or `web=3,batch=1`. */
function weightsOf(text: string): Readonly<Record<string, number>> {
  if (text === "equal") return {};
  return Object.fromEntries(
    text.split(",").map((part) => {
      const at = part.lastIndexOf("=");
      const weight = Number(part.slice(at + 1));
      if (at > 0 && weight > 0 && weight < Infinity) return [part.slice(0, at), weight];
      throw new MakespanError("invalid_option", `--fair-share takes equal, or weights as in web=3,batch=1, got ${JSON.stringify(text)}.`, { option: "fair-share" });
    }),
  );
}

function factorOf(option: string, text: string): number {
  return numberOf(option, text, "a number greater than 0", (factor) => factor > 0);
}

function numberOf(option: string, text: string, expected: string, isRight: (value: number) => boolean): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && isRight(value)) return value;
  throw new MakespanError("invalid_option", `--${option} takes ${expected}, got ${JSON.stringify(text)}.`, { option });
}
