/** `makespan policy`: what orders each queue of a store file, and choosing it, in a run that is going on or for the next one. */
import type { QueuesView, QueueView } from "../app/inspect.ts";
import { control } from "../app/inspect/control.ts";
import { formatCount } from "../monitor/format.ts";
import { defineCommand, type CliContext } from "./command.ts";
import { DB_OPTION, JSON_OPTION } from "./common-options.ts";
import { withInspector } from "./open-inspector.ts";
import { noteUnknownQueue, shareWords, whenWords } from "./queue-words.ts";
import { createTable } from "./table.ts";

export const policyCommand = defineCommand({
  name: "policy",
  description:
    "Lists the queues of a store file with what orders them, or chooses the policy of one. It works while a run is going on, on what waits already, and on a file that nobody has open, for its next run. The choice is kept.",
  args: [
    { name: "QUEUE", summary: "the queue, as the list names it" },
    { name: "SPEC", summary: "its policy from now on; an unknown one is refused with those that there are" },
  ],
  options: { db: DB_OPTION, json: JSON_OPTION },
  examples: [
    ["makespan policy", "every queue: its policy, shares, whether it is paused, what waits"],
    ["makespan policy run:build fcfs", "first come, first served, from now on"],
    ["makespan policy run:build priority", "the default again"],
  ],
  async run({ context, args: [queue, policy], options }) {
    return withInspector(context, options.db, async (inspector) => {
      if (queue === undefined || policy === undefined) {
        const view = inspector.queues();
        const queues = queue === undefined ? view.queues : view.queues.filter(({ name }) => name === queue);
        if (queue !== undefined && queues.length === 0) await noteUnknownQueue(inspector, queue, context);
        await (options.json ? context.out.json(queuesJson(view, queues)) : printQueues(view, queues, context));
        return "ok";
      }
      await noteUnknownQueue(inspector, queue, context);
      const by = await control(inspector.path, { kind: "policy", queue, policy });
      if (options.json) await context.out.json({ queue, policy, running: by === "owner" });
      else await context.out.line(`The queue ${JSON.stringify(queue)} is ordered by ${policy} ${whenWords(by)}.`);
      return "ok";
    });
  },
});

function queuesJson({ balancer, isAllPaused }: QueuesView, queues: readonly QueueView[]): unknown {
  return {
    queues: queues.map(({ name, policy, fairShare, isPaused, queued, running, waiting }) => ({ queue: name, policy, fair_share: fairShare, paused: isPaused, queued, running, waiting })),
    balancer,
    all_paused: isAllPaused,
  };
}

async function printQueues({ balancer, isAllPaused }: QueuesView, queues: readonly QueueView[], { out, err }: CliContext): Promise<void> {
  const table = createTable<QueueView>(
    [
      { title: "QUEUE", value: ({ name }) => name, least: 8 },
      { title: "POLICY", value: ({ policy }) => policy, least: 8 },
      { title: "SHARES", value: ({ fairShare }) => (fairShare === null ? "" : shareWords(fairShare)), least: 8, spared: 1 },
      { title: "PAUSED", value: ({ isPaused }) => (isPaused ? "paused" : "") },
      { title: "QUEUED", value: ({ queued }) => formatCount(queued), align: "right" },
      { title: "RUNNING", value: ({ running }) => formatCount(running), align: "right" },
      { title: "WAITING", value: ({ waiting }) => formatCount(waiting), align: "right" },
    ],
    out,
  );
  if (queues.length > 0) await out.write(`${table.lines(queues).join("\n")}\n`);
  await err.line(err.paint("dim", `Agents are picked by ${balancer}.${isAllPaused ? " New queues start paused: makespan resume ends that." : ""}`));
}
