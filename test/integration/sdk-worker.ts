// Handlers that the tests beside it run in threads and processes.
import { pid } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
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

/** Counts, and keeps its count; makes room when it is asked. */
export async function counting(to: number, { signal, checkpoint, restored, log }: TaskContext): Promise<number> {
  for (let n = (restored as number | undefined) ?? 0; n < to; n++) {
    await sleep(2);
    log(String(n));
    await checkpoint(n + 1);
    signal.throwIfAborted();
  }
  return to;
}

/** Adds a child of its own, and gives its result. */
export default async function family(n: number, { submit, park, wake, log }: TaskContext): Promise<unknown> {
  if (wake?.kind === "children") return wake.outcomes.map((outcome) => (outcome.result as { count: number }).count);
  log(`a child for ${n}`);
  await submit("primes", { n });
  return park({ for: "children" });
}
