/** Wraps an agent of a run: fills the placeholders that waited for results of other tasks, just before an attempt starts. */
import type { AgentDriver } from "../../engine/agent.ts";
import { renderInput } from "./work-input.ts";

export function renderingAgent(inner: AgentDriver): AgentDriver {
  return {
    spec: inner.spec,
    start(start, reporter) {
      let input: string;
      try {
        input = renderInput(start.input, start.needs);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const usage = { startedAt: 0, cpuMs: 0, peakMemoryBytes: 0, cost: 0 };
        reporter.fail({ code: "invalid_input", error: JSON.stringify({ code: "invalid_input", message }), retryable: false }, usage);
        return;
      }
      inner.start(input === start.input ? start : { ...start, input }, reporter);
    },
    stop: (id, attempt, reason) => inner.stop(id, attempt, reason),
    close: () => inner.close(),
  };
}
