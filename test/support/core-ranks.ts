// What the checker knows of policies, written from their documentation and not from their code: the rank of a waiting row under those
// whose ranks follow from the row alone. For the others it checks everything but the order.
import type { Row } from "./core-mirror.ts";

const MINUTE_MS = 60_000;

type Rank = (row: Row) => number;

const RANKS: Readonly<Record<string, Rank>> = {
  fcfs: (row) => row.firstReadyAt,
  priority: (row) => row.firstReadyAt + priorityOf(row) * 10 * MINUTE_MS,
  "priority:aging=off": (row) => priorityOf(row),
  "priority:aging=off:preempt": (row) => priorityOf(row),
  "priority:aging=20ms:preempt": (row) => row.firstReadyAt + priorityOf(row) * 20,
  "edf:undated=80ms": (row) => dueOf(row) ?? row.firstReadyAt + 80,
  "edf:undated=80ms:preempt": (row) => dueOf(row) ?? row.firstReadyAt + 80,
  "round-robin:slice=7": (row) => row.readyAt,
};

/** A task that was accepted as best effort ranks without its dates and with low priority at best. */
function priorityOf({ spec, reason }: Row): number {
  return reason === "downgraded" ? Math.max(4, spec.priority) : spec.priority;
}

function dueOf({ dueAt, deadlineAt, reason }: Row): number | null {
  return reason === "downgraded" ? null : (dueAt ?? deadlineAt);
}

/** Policies whose order the checker does not know, and one that does not exist. */
const OTHERS = ["sjf", "sjf:aging=off:preempt", "srpt:margin=0:aging=off", "srpt", "las:slice=5", "critical-path", "least-slack:preempt:margin=3", "wspt", "nonsense"];

export const POLICY_CHOICES: readonly string[] = [...Object.keys(RANKS), ...OTHERS];

/** Undefined where the rank depends on more than the row. */
export function rankUnder(policy: string): Rank | undefined {
  return RANKS[policy];
}

/** Whether the order of preemption is known too: nothing may be stopped for what does not rank before it. */
export function isPreemptive(policy: string): boolean {
  return policy.endsWith(":preempt");
}
