/** Every policy by its name: the one place to add one. */
import type { Policy } from "./policy.ts";
import { fcfs } from "./fcfs.ts";
import { priority } from "./priority.ts";

export const POLICIES: ReadonlyMap<string, Policy> = new Map([fcfs, priority].map((policy) => [policy.name, policy]));

export const DEFAULT_POLICY: Policy = priority;
