/**
 * A task that waits for a person. It parks, holding no slot, for as long as it takes, also over a restart; the answer comes from
 * elsewhere and wakes it. Run it in the clone with `npx node examples/approval.ts [FILE]`.
 */
import { defineTask, open } from "makespan";

const payout = defineTask({
  type: "payout",
  handler: async (input: { to: string; amount: number }, { park, wake, log }) => {
    if (wake?.kind !== "answer") {
      log(`waiting for approval of ${input.amount} to ${input.to}`);
      return park({ for: "answer" });
    }
    const { approved, by } = wake.answer as { approved: boolean; by: string };
    return approved ? `paid ${input.amount} to ${input.to}, approved by ${by}` : `refused by ${by}`;
  },
});

const path = process.argv[2] ?? "approval.db";
const first = await open({ path, tasks: [payout] });
const { id } = await first.submit(payout, { to: "Ada", amount: 120 });
const parked = first.watch({ id, state: "parked" });
if ((await first.get(id))?.state !== "parked") for await (const _ of parked) break;
await first.close();
console.log("parked; the program ends and is started again");

const second = await open({ path, tasks: [payout] });
console.log("waiting for an answer:", (await second.get(id))?.parkedFor);
await second.answer(id, { approved: true, by: "Grace" });
console.log(await second.task(payout, id).result());
await second.close();
