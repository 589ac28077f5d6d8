// What the checker knows of policies, written from their documentation and not from their code: the rank of a waiting row under those
// whose ranks follow from the row alone. For the others it checks everything but the order.
import type { Row } from "./core-mirror.ts";

const MINUTE_MS = 60_000;

type Rank = (row: Row) => number;

const RANKS: Readonly<Record<string, Rank>> = {
  fcfs: (row) => row.firstReadyAt,
  priority: (row) => row.firstReadyAt + row.spec.priority * 10 * MINUTE_MS,
  "priority:aging=off": (row) => row.spec.priority,
  "priority:aging=off:preempt": (row) => row.spec.priority,
  "priority:aging=20ms:preempt": (row) => row.firstReadyAt + row.spec.priority * 20,
  "edf:undated=80ms": (row) => row.dueAt ?? row.deadlineAt ?? row.firstReadyAt + 80,
  "edf:undated=80ms:preempt": (row) => row.dueAt ?? row.deadlineAt ?? row.firstReadyAt + 80,
  "round-robin:slice=7": (row) => row.readyAt,
};

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
