/** Every balancer by its name: the one place to add one. */
import type { Balancer } from "./balancer.ts";
import { createLeastConnections } from "./least-connections.ts";
import { createRoundRobin } from "./round-robin.ts";

export const BALANCERS: ReadonlyMap<string, () => Balancer> = new Map<string, () => Balancer>([
  ["round-robin", createRoundRobin],
  ["least-connections", createLeastConnections],
]);

export const DEFAULT_BALANCER = "round-robin";
