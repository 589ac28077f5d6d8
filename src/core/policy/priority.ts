/** By priority number, lower first (1 critical … 4 low, any number between or beyond); the default of every queue. */
import type { Policy } from "./policy.ts";

export const priority: Policy = {
  name: "priority",
  rank: (task) => task.spec.priority,
};
