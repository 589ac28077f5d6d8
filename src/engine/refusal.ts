/** From the core's refusals to the errors that users see. */
import type { LateTask } from "../core/foresight/admission.ts";
import type { Refusal, Reply } from "../core/event.ts";
import { didYouMean } from "../protocol/did-you-mean.ts";
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
  cannot_make_it: "cannot_make_it",
  limit_unknown: "limit_unknown",
  limit_invalid: "limit_invalid",
  use_invalid: "use_invalid",
  use_too_large: "use_too_large",
  nothing_to_redrive: "nothing_to_redrive",
};

export function refusalOf(reply: Extract<Reply, { kind: "refused" }>): MakespanError {
  const code = CODES[reply.code];
  const { detail, late, unknown } = reply;
  // Of a name that is known, its options are wrong.
  const isKnown = unknown === undefined && (code === "policy_unknown" || code === "balancer_unknown");
  const title = isKnown ? `This ${code === "policy_unknown" ? "policy" : "balancer"} cannot be chosen` : ERRORS[code].title;
  const guess = unknown === undefined ? "" : didYouMean(unknown.name, unknown.known);
  const more = { ...(late !== undefined && { late: late.map(lateDetail) }), ...(unknown !== undefined && { ...unknown }) };
  return new MakespanError(code, `${title}: ${detail}${guess === "" ? "." : guess}`, more);
}

/** For programs. */
function lateDetail({ index, dueAt, finishAt, startsBefore }: LateTask): Readonly<Record<string, unknown>> {
  return { index, due_at: new Date(dueAt).toISOString(), finish_at: new Date(finishAt).toISOString(), late_ms: finishAt - dueAt, starts_before: startsBefore ?? null };
}
