/** What a core would refuse of a choice, known before anybody is asked or a file is made. */
import type { Event } from "../core/event.ts";
import { Scheduler } from "../core/scheduler.ts";
import { refusalOf } from "../engine/refusal.ts";

/** Throws `policy_unknown`, `balancer_unknown` or `invalid_input`. */
export function refuseUnknown(choice: Extract<Event, { kind: "policy" | "balancer" | "fair-share" }>): void {
  const [reply] = new Scheduler({ seed: 1, stopGraceMs: 0, lastTaskId: 0, lastFlowId: 0, lastAgentId: 0 }).turn(0, [choice]).replies;
  if (reply?.kind === "refused") throw refusalOf(reply);
}
