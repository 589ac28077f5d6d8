/** What the commands that change a queue say of it. */
import type { Inspector } from "../app/inspect.ts";
import type { CarriedOutBy } from "../app/inspect/control.ts";
import { didYouMean } from "../protocol/did-you-mean.ts";
import type { CliContext } from "./command.ts";

/** `acme 2, other tenants 1`; `every tenant 1` where none is named. */
export function shareWords(weights: Readonly<Record<string, number>>): string {
  const named = Object.entries(weights).map(([tenant, weight]) => `${tenant} ${weight}`);
  return named.length === 0 ? "every tenant 1" : [...named, "others 1"].join(", ");
}

/** From when on a change has its effect. */
export function whenWords(by: CarriedOutBy): string {
  return by === "owner" ? "from now on" : "in the next run";
}

/** A queue may be set up before its first task, but a slip is likelier. */
export async function noteUnknownQueue(inspector: Inspector, name: string, { err }: CliContext): Promise<void> {
  const names = inspector.queues().queues.map((queue) => queue.name);
  if (names.includes(name)) return;
  const advice = didYouMean(name, names) || (names.length === 0 ? "." : `; there are ${names.join(", ")}.`);
  await err.line(err.paint("dim", `No task is in the queue ${JSON.stringify(name)} yet${advice}`));
}
