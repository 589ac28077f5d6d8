/** What a running task of a run may add: members of its own group (the expander does), and calls of the plan's types (handlers do). */
import type { ChildRequest } from "../../engine/agent.ts";
import type { SpecSettings, SubmitTask } from "../../engine/types.ts";
import { didYouMean } from "../../protocol/did-you-mean.ts";
import { MakespanError } from "../../protocol/errors.ts";
import type { PlannedTask } from "../../protocol/task-plan.ts";
import { submitOptions } from "../submit-options.ts";
import type { MemberOptions } from "./expander.ts";
import type { Submission } from "./submission.ts";

/** Throws `type_unknown` or `invalid_option`. */
export function childResolver(submission: Submission, known: readonly PlannedTask[]): (child: ChildRequest) => SubmitTask {
  const specs = new Map<string, SpecSettings>(known.map((task) => [task.spec.type, task.spec]));
  return (child) => {
    if ("member" in child.options) {
      const { member, key } = child.options as unknown as MemberOptions;
      return submission.member(member, child.input, key);
    }
    const spec = specs.get(child.type);
    if (spec === undefined) {
      const types = [...specs.keys()];
      throw new MakespanError("type_unknown", `No agent of this run does tasks of the type "${child.type}"${didYouMean(child.type, types) || `; there are ${types.join(", ")}`}.`);
    }
    return submission.child(spec, child.input, submitOptions(child.options));
  };
}
