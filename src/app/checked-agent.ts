/**
 * An agent whose results are checked against the `output` schemas of their types before they are reported, whoever made them:
 * a function, a thread, a command. A result that does not fit fails the attempt with `invalid_result`; retries follow the
 * task's rule, since what an agent says need not be the same twice.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Payload, Usage } from "../core/event.ts";
import type { AgentDriver, AttemptReporter } from "../engine/agent.ts";
import { messageOf } from "../engine/agents/failure.ts";
import { toPayload } from "../engine/agents/to-payload.ts";
import { describeIssues, validate, type Checked } from "./validate.ts";

/** The same driver, with the results of the given types checked. */
export function checkedAgent(driver: AgentDriver, outputs: ReadonlyMap<string, StandardSchemaV1>): AgentDriver {
  if (!driver.spec.types.some((type) => outputs.has(type))) return driver;
  return {
    spec: driver.spec,
    start(start, reporter) {
      const schema = outputs.get(start.type);
      driver.start(start, schema === undefined ? reporter : checkedReporter(reporter, schema));
    },
    stop: (id, attempt, reason) => driver.stop(id, attempt, reason),
    close: () => driver.close(),
  };
}

function checkedReporter(reporter: AttemptReporter, schema: StandardSchemaV1): AttemptReporter {
  return {
    succeed(result, usage) {
      let checked: Checked | Promise<Checked>;
      try {
        checked = validate(schema, JSON.parse(result));
      } catch (error) {
        return report(reporter, thrownBySchema(error), usage);
      }
      if (checked instanceof Promise) void checked.catch(thrownBySchema).then((done) => report(reporter, done, usage));
      else report(reporter, checked, usage);
    },
    fail: (failure, usage) => reporter.fail(failure, usage),
    park: (until, checkpoint, usage) => reporter.park(until, checkpoint, usage),
    release: (checkpoint, usage) => reporter.release(checkpoint, usage),
    backOff: (limit, retryAfterMs, checkpoint, usage) => reporter.backOff(limit, retryAfterMs, checkpoint, usage),
    checkpoint: (checkpoint) => reporter.checkpoint(checkpoint),
    submit: (child) => reporter.submit(child),
    log: (level, text) => reporter.log(level, text),
    progress: (fraction, note) => reporter.progress(fraction, note),
  };
}

function thrownBySchema(error: unknown): Checked {
  return { kind: "issues", issues: [{ path: "", message: `the schema threw ${messageOf(error)}` }] };
}

function report(reporter: AttemptReporter, checked: Checked, usage: Usage): void {
  if (checked.kind === "issues") {
    const message = `The result does not fit its schema: ${describeIssues(checked.issues)}`;
    return fail(reporter, "invalid_result", message, { issues: checked.issues }, true, usage);
  }
  const payload = toPayload(checked.value, "result", Infinity);
  if (payload.kind === "text") reporter.succeed(payload.text, usage);
  else fail(reporter, payload.code, payload.message, {}, false, usage);
}

function fail(reporter: AttemptReporter, code: string, message: string, detail: object, retryable: boolean, usage: Usage): void {
  const error: Payload = JSON.stringify({ code, message, ...detail });
  reporter.fail({ code, error, retryable }, usage);
}
