/** A workload: something that can be simulated again and again, each time from its first task. */
import type { TaskSource } from "./task.ts";

export interface Workload {
  /** For people: a file, or the specification of a generator. */
  readonly name: string;
  /** Tasks in all, when that is known before they are simulated. */
  readonly taskCount?: number | undefined;
  /** What was noticed and should be said: that arrivals were sorted, that lines were left out. */
  readonly notes: readonly string[];
  /** Its tasks from the first on. The seed decides what is random in them, if anything is. */
  open(seed: number): TaskSource;
}
