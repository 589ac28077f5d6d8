/** What all agents that live with the engine are told, and its checks. */
import type { AgentSpec } from "../../core/agent.ts";
import { MakespanError } from "../../protocol/errors.ts";
import { describeValue } from "../../protocol/json.ts";
import type { Clock } from "../clock.ts";

export interface AgentOptions {
  /** Unique among the agents of an engine; default the kind of the agent. */
  readonly name?: string;
  /** What an hour of one busy slot costs, in the currency of your choice; default 0. */
  readonly costPerHour?: number;
  /** How fast it works, compared with others: a task of 10 s takes it 10 s ÷ speed; default 1. For the balancers that plan. */
  readonly speed?: number;
  /** The same for some types, instead of `speed`. */
  readonly speeds?: Readonly<Record<string, number>>;
  /** Its share under the balancer `weighted`; default 1. */
  readonly weight?: number;
  /** Where it is, for the balancer `nearest`. */
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
  const name = options.name ?? kind;
  checkTraits({ ...options, name });
  return {
    name,
    kind,
    types: [...types],
    slots,
    ...(options.speed === undefined ? {} : { speed: options.speed }),
    ...(options.speeds === undefined ? {} : { speeds: { ...options.speeds } }),
    ...(options.weight === undefined ? {} : { weight: options.weight }),
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.costPerHour === undefined ? {} : { costPerHour: options.costPerHour }),
  };
}

type AgentTraits = Pick<AgentSpec, "name" | "speed" | "speeds" | "weight" | "region" | "costPerHour">;

/** What balancers go by. Throws `invalid_option`. */
export function checkTraits({ name, speed, speeds, weight, region, costPerHour }: AgentTraits): void {
  const refuse = (what: string, expected: string, value: unknown): never => {
    throw new MakespanError("invalid_option", `${what} of the agent "${name}" must be ${expected}, not ${describeValue(value)}`);
  };
  const isNumber = (value: unknown): value is number => typeof value === "number" && value < Infinity;
  const checkPositive = (what: string, value: unknown): void => {
    if (value !== undefined && !(isNumber(value) && value > 0)) refuse(what, "a number greater than 0", value);
  };
  checkPositive("speed", speed);
  checkPositive("weight", weight);
  if (speeds !== undefined && (typeof speeds !== "object" || speeds === null)) refuse("speeds", "an object of numbers by type", speeds);
  for (const [type, its] of Object.entries(speeds ?? {})) checkPositive(`speeds.${type}`, its);
  if (region !== undefined && (typeof region !== "string" || region === "")) refuse("region", "a text that is not empty", region);
  if (costPerHour !== undefined && !(isNumber(costPerHour) && costPerHour >= 0)) refuse("costPerHour", "a number of at least 0", costPerHour);
}

/** Throws `invalid_option`. */
export function positiveInteger(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) throw new MakespanError("invalid_option", `${name} must be a whole number of at least 1, not ${value}`);
}
