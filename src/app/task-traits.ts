/**
 * What policies, limits and balancers look at in a single task, as people give it: in a definition for every task of the type,
 * or for one submission. Unlike settings these differ from task to task, so they lie in the task and are not shared.
 */
import type { SubmitTask } from "../engine/types.ts";
import { MakespanError } from "../protocol/errors.ts";
import { checkNumber, checkPositive, checkText } from "./check.ts";

export interface TaskTraits {
  /** Fair-share group in its queue (see `setFairShare`). Children of a running task have that of their parent unless they say. */
  readonly tenant?: string;
  /** Tasks of one session share what they have been served (least attained service). Default the flow of the task. */
  readonly session?: string;
  /** What finishing it is worth to policies that weigh, more than 0. Default 1. */
  readonly weight?: number;
  /** Where it should run, for balancers that know regions. */
  readonly region?: string;
}

export const TRAIT_KEYS = ["tenant", "session", "weight", "region", "size"] as const;

/** The part of the engine's task that traits set. */
export type Traits = Pick<SubmitTask, (typeof TRAIT_KEYS)[number]>;

/** Undefined when nothing is said. Throws `invalid_option`. */
export function traitsOf({ tenant, session, weight, region, size }: TaskTraits & { readonly size?: number | undefined }): Traits | undefined {
  if (tenant === undefined && session === undefined && weight === undefined && region === undefined && size === undefined) return undefined;
  return {
    ...(tenant !== undefined && { tenant: checkText("tenant", tenant) }),
    ...(session !== undefined && { session: checkText("session", session) }),
    ...(weight !== undefined && { weight: checkPositive("weight", weight) }),
    ...(region !== undefined && { region: checkText("region", region) }),
    ...(size !== undefined && { size: checkNumber("size", size, 0) }),
  };
}

/** Tells the size of a task from its input. */
export type SizeOf = (input: unknown) => number;

/** The function of a definition, checked: what it gives, or that it throws, is refused with `invalid_option`. */
export function checkedSizeOf(type: string, size: (input: never) => number): SizeOf {
  return (input) => {
    let given: number;
    try {
      given = size(input as never);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new MakespanError("invalid_option", `The size of a task of the type "${type}" could not be told from its input: ${why}.`, { type }, { cause: error });
    }
    return checkNumber(`The size that the definition of "${type}" tells from an input`, given, 0);
  };
}
