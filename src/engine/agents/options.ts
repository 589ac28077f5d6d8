/** What all agents that live with the engine are told, and its checks. */
import type { AgentSpec } from "../../core/agent.ts";
import { MakespanError } from "../../protocol/errors.ts";
import type { Clock } from "../clock.ts";

export interface AgentOptions {
  /** Unique among the agents of an engine; default the kind of the agent. */
  readonly name?: string;
  /** What an hour of one busy slot costs, in the currency of your choice; default 0. */
  readonly costPerHour?: number;
  /** Its share under weighted balancing; default 1. */
  readonly weight?: number;
  readonly region?: string;
  /** Largest result, checkpoint or child's input as JSON, in bytes; default 1 MiB. */
  readonly payloadBytes?: number;
  /** Time and timers; default those of the machine. */
  readonly clock?: Clock;
}

/** Throws `invalid_option`. */
export function agentSpec(kind: string, options: AgentOptions, types: readonly string[], slots: number): AgentSpec {
  positiveInteger(kind === "thread" || kind === "process" ? `${kind}s` : "slots", slots);
  if (types.length === 0) throw new MakespanError("invalid_option", `The ${kind} agent "${options.name ?? kind}" needs at least one task type`);
  return {
    name: options.name ?? kind,
    kind,
    types: [...types],
    slots,
    ...(options.weight === undefined ? {} : { weight: options.weight }),
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.costPerHour === undefined ? {} : { costPerHour: options.costPerHour }),
  };
}

/** Throws `invalid_option`. */
export function positiveInteger(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) throw new MakespanError("invalid_option", `${name} must be a whole number of at least 1, not ${value}`);
}
