/** `makespan balancer`: how the agent for a task is picked, in a run that is going on or for the next one. */
import { control } from "../app/inspect/control.ts";
import { defineCommand } from "./command.ts";
import { DB_OPTION, JSON_OPTION } from "./common-options.ts";
import { withInspector } from "./open-inspector.ts";
import { whenWords } from "./queue-words.ts";

export const balancerCommand = defineCommand({
  name: "balancer",
  description: "Says how the agent for a task is picked, or chooses it. It works while a run is going on, and on a file that nobody has open, for its next run. The choice is kept.",
  args: [{ name: "SPEC", summary: "the balancer from now on; an unknown one is refused with those that there are" }],
  options: { db: DB_OPTION, json: JSON_OPTION },
  examples: [
    ["makespan balancer", "the one that is chosen"],
    ["makespan balancer least-connections", "the agent with the fewest attempts on it"],
  ],
  async run({ context, args: [balancer], options }) {
    return withInspector(context, options.db, async (inspector) => {
      const by = balancer === undefined ? undefined : await control(inspector.path, { kind: "balancer", balancer });
      const chosen = inspector.queues().balancer;
      if (options.json) await context.out.json({ balancer: chosen, running: inspector.isOwned });
      else if (by === undefined) await context.out.line(chosen);
      else await context.out.line(`Agents are picked by ${chosen} ${whenWords(by)}.`);
      return "ok";
    });
  },
});
