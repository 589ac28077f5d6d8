// Handlers that sdk.test.ts runs in threads and processes.
import { pid } from "node:process";
import { threadId } from "node:worker_threads";
import type { TaskContext } from "../../src/app/index.ts";

/** How many primes there are up to `n`, and where that was found out. */
export function primes({ n }: { readonly n: number }): { count: number; thread: number; pid: number } {
  let count = 0;
  next: for (let candidate = 2; candidate <= n; candidate++) {
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) continue next;
    count += 1;
  }
  return { count, thread: threadId, pid };
}

/** Adds a child of its own, and gives its result. */
export default async function family(n: number, { submit, park, wake, log }: TaskContext): Promise<unknown> {
  if (wake?.kind === "children") return wake.outcomes.map((outcome) => (outcome.result as { count: number }).count);
  log(`a child for ${n}`);
  await submit("primes", { n });
  return park({ for: "children" });
}
