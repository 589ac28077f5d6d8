/** What a running task of a run may add: members of a group and what waits for others (the expander does), and calls of the plan's types (handlers do). */
import type { ChildRequest } from "../../engine/agent.ts";
import type { SubmitTask } from "../../engine/types.ts";
import { didYouMean } from "../../protocol/did-you-mean.ts";
import { MakespanError } from "../../protocol/errors.ts";
import type { PlannedTask } from "../../protocol/task-plan.ts";
import { shapeOf } from "../submit-options.ts";
import { SettingsTable } from "../task-settings.ts";
import type { MemberOptions, WaitOptions } from "./expander.ts";
import type { Submission } from "./submission.ts";

/** Throws `type_unknown` or `invalid_option`. */
export function childResolver(submission: Submission, known: readonly PlannedTask[], now: () => number): (child: ChildRequest) => SubmitTask {
  const tables = new Map(known.map((task) => [task.spec.type, new SettingsTable(submission.settings(task.spec))]));
  return (child) => {
    if ("member" in child.options) {
      const { member, key } = child.options as unknown as MemberOptions;
      return submission.member(member, child.input, key);
    }
    if ("awaited" in child.options) {
      const { name, awaited } = child.options as unknown as WaitOptions;
      return submission.waiting(name, child.input, awaited);
    }
    const table = tables.get(child.type);
    if (table === undefined) {
      const types = [...tables.keys()];
      throw new MakespanError("type_unknown", `No agent of this run does tasks of the type "${child.type}"${didYouMean(child.type, types) || `; there are ${types.join(", ")}`}.`);
    }
    return { ...shapeOf(table, child.options, now()), input: child.input };
  };
}
