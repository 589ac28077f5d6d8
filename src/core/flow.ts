/**
 * Tasks joined by dependencies. A flow stays in memory until its last task is final, since results and outcomes of
 * finished tasks still decide about the others; then all of it is forgotten at once.
 */
import type { Served } from "./sessions.ts";
import type { FlowId, Instant, Task } from "./task.ts";

export interface Flow extends Served {
  readonly id: FlowId;
  readonly name: string;
  readonly createdAt: Instant;
  readonly tasks: Task[];
  /** Tasks that are not final. */
  open: number;
}
