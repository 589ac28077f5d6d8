/**
 * Round robin with time slices (Kleinrock 1964): whoever has run for a slice goes to the end of the line if somebody waits. With
 * short slices every task gets the same share of the fleet, so short ones are soon done without anyone knowing their length.
 */
import type { OptionSpec } from "../struct/option-spec.ts";
import type { Policy } from "./policy.ts";

const SLICE_MS = 1_000;

export function roundRobin(options: OptionSpec): Policy {
  return {
    name: "round-robin",
    rank: (task) => task.readyAt,
    rankAfter: (_, context) => context.now,
    sliceMs: options.durationMs("slice", SLICE_MS),
  };
}
