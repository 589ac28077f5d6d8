/**
 * What the simulator refuses, as an error of its own: this layer knows nothing of the program's edge. The code is one of the
 * project's error table, so that the edge passes it on as it is.
 */

export type RefusalCode = "invalid_input" | "invalid_option" | "policy_unknown" | "balancer_unknown" | "flow_cycle" | "dependency_unknown" | "duplicate_id";

/** Bad input: the message says what was expected, what came and what to do. */
export class SimulationRefusal extends Error {
  readonly code: RefusalCode;
  /** More for programs: the line, the known names. */
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(code: RefusalCode, message: string, detail: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = "SimulationRefusal";
    this.code = code;
    this.detail = detail;
  }
}
