/**
 * Tasks joined by dependencies. A flow stays in memory until its last task is final, since results and outcomes of
 * finished tasks still decide about the others; then all of it is forgotten at once.
 */
import type { FlowId, Instant, Task } from "./task.ts";

export interface Flow {
  readonly id: FlowId;
  readonly name: string;
  readonly createdAt: Instant;
  readonly tasks: Task[];
  /** Service that its tasks have had so far, in ms. */
  attainedMs: number;
  /** Tasks that are not final. */
  open: number;
}
