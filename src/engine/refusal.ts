/** From the core's refusals to the errors that users see. */
import type { Refusal, Reply } from "../core/event.ts";
import { ERRORS, MakespanError, type ErrorCode } from "../protocol/errors.ts";

const CODES: Readonly<Record<Refusal, ErrorCode>> = {
  stale_attempt: "stale_attempt",
  task_not_found: "task_not_found",
  // Handled inside the engine, which looks the key up again; it reaches nobody.
  key_moved: "engine_stopped",
  task_not_parked: "task_not_parked",
  flow_cycle: "flow_cycle",
  dependency_unknown: "dependency_unknown",
  agent_unknown: "agent_unknown",
  policy_unknown: "policy_unknown",
  weight_invalid: "invalid_input",
  balancer_unknown: "balancer_unknown",
  limit_unknown: "limit_unknown",
  limit_invalid: "limit_invalid",
  use_invalid: "use_invalid",
  use_too_large: "use_too_large",
  nothing_to_redrive: "nothing_to_redrive",
};

export function refusalOf(reply: Extract<Reply, { kind: "refused" }>): MakespanError {
  const code = CODES[reply.code];
  return new MakespanError(code, `${ERRORS[code].title}: ${reply.detail}.`);
}
