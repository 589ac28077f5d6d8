/** `makespan share`: shares a queue between tenants by weight, or makes it one line again. */
import { control } from "../app/inspect/control.ts";
import { MakespanError } from "../protocol/errors.ts";
import { defineCommand } from "./command.ts";
import { DB_OPTION, JSON_OPTION } from "./common-options.ts";
import { withInspector } from "./open-inspector.ts";
import { noteUnknownQueue, shareWords, whenWords } from "./queue-words.ts";

export const shareCommand = defineCommand({
  name: "share",
  description:
    "Shares a queue between tenants: each gets service time in proportion to its weight as long as it has work; inside a tenant the policy of the queue decides. Tenants that are not named weigh 1. The choice is kept; makespan policy shows it.",
  args: [
    { name: "QUEUE", summary: "the queue, as makespan policy names it", required: true },
    { name: "SHARES", summary: "TENANT=WEIGHT for each tenant, `equal` for all alike, or `off`", required: true, many: true },
  ],
  options: { db: DB_OPTION, json: JSON_OPTION },
  examples: [
    ["makespan share default acme=2 beta=1", "acme gets twice the time of beta"],
    ["makespan share default equal", "every tenant the same"],
    ["makespan share default off", "one line for all"],
  ],
  async run({ context, args: [queue = "", ...shares], options }) {
    const weights = weightsOf(shares);
    return withInspector(context, options.db, async (inspector) => {
      await noteUnknownQueue(inspector, queue, context);
      const by = await control(inspector.path, { kind: "fair-share", queue, weights });
      const name = JSON.stringify(queue);
      if (options.json) await context.out.json({ queue, fair_share: weights, running: by === "owner" });
      else if (weights === null) await context.out.line(`The queue ${name} is one line for all ${whenWords(by)}.`);
      else await context.out.line(`The queue ${name} is shared by weight ${whenWords(by)}: ${shareWords(weights)}.`);
      return "ok";
    });
  },
});

/** Null for `off`. Throws `invalid_option`. */
function weightsOf(shares: readonly string[]): Readonly<Record<string, number>> | null {
  if (shares.length === 1 && shares[0] === "off") return null;
  if (shares.length === 1 && shares[0] === "equal") return {};
  const weights = new Map<string, number>();
  for (const share of shares) {
    const at = share.lastIndexOf("=");
    const text = share.slice(at + 1);
    const weight = text.trim() === "" ? Number.NaN : Number(text);
    if (at <= 0 || !(weight > 0 && weight < Infinity)) {
      throw new MakespanError("invalid_option", `A share is TENANT=WEIGHT with a weight of more than 0 (acme=2), or \`equal\` or \`off\` alone; got ${JSON.stringify(share)}.`);
    }
    const tenant = share.slice(0, at);
    if (weights.has(tenant)) throw new MakespanError("invalid_option", `The tenant ${JSON.stringify(tenant)} has two weights.`);
    weights.set(tenant, weight);
  }
  return Object.fromEntries(weights);
}
