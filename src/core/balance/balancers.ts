/** Every balancer by its name: the one place to add one. */
import type { UnknownName } from "../event.ts";
import { OptionSpec } from "../struct/option-spec.ts";
import type { Balancer } from "./balancer.ts";
import { createCheapest } from "./cheapest.ts";
import type { Distances } from "./distances.ts";
import { createEarliestFinish } from "./earliest-finish.ts";
import { createLeastConnections } from "./least-connections.ts";
import { createNearest } from "./nearest.ts";
import { createPowerOfTwo } from "./power-of-two.ts";
import { createRoundRobin } from "./round-robin.ts";
import { createWeighted } from "./weighted.ts";

/** `name` is how it was chosen, options included. */
type Create = (name: string, options: OptionSpec, distances: Distances) => Balancer;

const BALANCERS: ReadonlyMap<string, Create> = new Map<string, Create>([
  ["round-robin", createRoundRobin],
  ["least-connections", createLeastConnections],
  ["weighted", createWeighted],
  ["nearest", createNearest],
  ["power-of-two", createPowerOfTwo],
  ["earliest-finish", createEarliestFinish],
  ["cheapest", createCheapest],
]);

export type BalancerChoice = { readonly kind: "balancer"; readonly balancer: Balancer } | { readonly kind: "refused"; readonly detail: string; readonly unknown?: UnknownName };

/** The balancer that a text such as `power-of-two:d=3` names, or what is wrong with the text. */
export function balancerOf(text: string, distances: Distances): BalancerChoice {
  const options = new OptionSpec(text);
  const create = BALANCERS.get(options.name);
  const known = [...BALANCERS.keys()];
  if (create === undefined) return { kind: "refused", detail: `\`${options.name}\`; known balancers: ${known.join(", ")}`, unknown: { name: options.name, known } };
  const balancer = create(text, options, distances);
  const problem = options.problem();
  return problem === undefined ? { kind: "balancer", balancer } : { kind: "refused", detail: problem };
}
