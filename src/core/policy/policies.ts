/** Every policy by its name: the one place to add one. */
import type { UnknownName } from "../event.ts";
import { OptionSpec } from "../struct/option-spec.ts";
import { criticalPath } from "./critical-path.ts";
import { edf } from "./edf.ts";
import { fcfs } from "./fcfs.ts";
import { las } from "./las.ts";
import { leastSlack } from "./least-slack.ts";
import type { Policy } from "./policy.ts";
import { priority } from "./priority.ts";
import { roundRobin } from "./round-robin.ts";
import { sjf } from "./sjf.ts";
import { srpt } from "./srpt.ts";
import { wspt } from "./wspt.ts";

const POLICIES: ReadonlyMap<string, (options: OptionSpec) => Policy> = new Map<string, (options: OptionSpec) => Policy>([
  ["fcfs", fcfs],
  ["sjf", sjf],
  ["srpt", srpt],
  ["priority", priority],
  ["round-robin", roundRobin],
  ["edf", edf],
  ["least-slack", leastSlack],
  ["critical-path", criticalPath],
  ["las", las],
  ["wspt", wspt],
]);

/** Names of all policies. */
export const POLICY_NAMES: readonly string[] = [...POLICIES.keys()];

export type PolicyChoice = { readonly kind: "policy"; readonly policy: Policy } | { readonly kind: "refused"; readonly detail: string; readonly unknown?: UnknownName };

/** The policy that a text such as `sjf:aging=off` names, or what is wrong with the text. */
export function policyOf(text: string): PolicyChoice {
  const options = new OptionSpec(text);
  const create = POLICIES.get(options.name);
  if (create === undefined) return { kind: "refused", detail: `\`${options.name}\`; known policies: ${POLICY_NAMES.join(", ")}`, unknown: { name: options.name, known: POLICY_NAMES } };
  const policy = create(options);
  const problem = options.problem();
  return problem === undefined ? { kind: "policy", policy: { ...policy, name: text } } : { kind: "refused", detail: problem };
}

export const DEFAULT_POLICY: Policy = priority(new OptionSpec("priority"));
