/** Settings of a task of the core's benches: the project's defaults, with the number that a store would give. */
import type { Spec } from "../../src/core/task.ts";
import { defaultSpec } from "../../src/engine/default-spec.ts";

export function benchSpec(type: string): Spec {
  return { ...defaultSpec(type), id: 1 };
}
