/** Every balancer by its name, with its options: the one place to add one. */
import { parseOptionSpec, type OptionRules, type Options } from "../struct/option-spec.ts";
import type { Balancer } from "./balancer.ts";
import { CHEAPEST_OPTIONS, createCheapest } from "./cheapest.ts";
import type { Distances } from "./distances.ts";
import { createEarliestFinish, EARLIEST_FINISH_OPTIONS } from "./earliest-finish.ts";
import { createLeastConnections, LEAST_CONNECTIONS_OPTIONS } from "./least-connections.ts";
import { createNearest, NEAREST_OPTIONS } from "./nearest.ts";
import { createPowerOfTwo, POWER_OF_TWO_OPTIONS } from "./power-of-two.ts";
import { createRoundRobin } from "./round-robin.ts";
import { createWeighted } from "./weighted.ts";

interface BalancerKind {
  readonly options: OptionRules;
  /** `name` is how it was chosen, options included. */
  readonly create: (name: string, options: Options, distances: Distances) => Balancer;
}

const BALANCERS: ReadonlyMap<string, BalancerKind> = new Map<string, BalancerKind>([
  ["round-robin", { options: {}, create: createRoundRobin }],
  ["least-connections", { options: LEAST_CONNECTIONS_OPTIONS, create: createLeastConnections }],
  ["weighted", { options: {}, create: createWeighted }],
  ["nearest", { options: NEAREST_OPTIONS, create: createNearest }],
  ["power-of-two", { options: POWER_OF_TWO_OPTIONS, create: createPowerOfTwo }],
  ["earliest-finish", { options: EARLIEST_FINISH_OPTIONS, create: createEarliestFinish }],
  ["cheapest", { options: CHEAPEST_OPTIONS, create: createCheapest }],
]);

const OPTIONS = new Map([...BALANCERS].map(([name, { options }]) => [name, options]));

export type MadeBalancer = { readonly kind: "balancer"; readonly balancer: Balancer } | { readonly kind: "problem"; readonly problem: string };

/** `NAME` or `NAME:OPTION=VALUE:…`; the problem lists what is known. */
export function createBalancer(spec: string, distances: Distances): MadeBalancer {
  const parsed = parseOptionSpec("balancer", spec, OPTIONS);
  if (parsed.kind === "problem") return parsed;
  return { kind: "balancer", balancer: BALANCERS.get(parsed.name)!.create(spec, parsed.options, distances) };
}
