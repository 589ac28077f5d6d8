/** What an attempt used that nobody ran: nothing, of its limits neither. */
import type { Usage } from "../core/event.ts";
import type { Instant, Task } from "../core/task.ts";

export function noUsage({ extra }: Task, startedAt: Instant): Usage {
  const used = extra?.uses?.map(({ limit }) => ({ limit, amount: 0 }));
  return { startedAt, cpuMs: 0, peakMemoryBytes: 0, cost: 0, ...(used !== undefined && { used }) };
}
