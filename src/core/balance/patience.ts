/**
 * How long tasks may be told to wait for a busy agent while another one is free: up to an instant that is set when a task is
 * first told so and does not move, whatever the estimates say later. Waiting is thereby bounded even if every estimate is wrong.
 */
import type { Instant, Task } from "../task.ts";

export class Patience {
  readonly #endsAt = new WeakMap<Task, Instant>();
  /** The first end of a patience among the tasks that were told to wait in this dispatch. */
  reviewAt: Instant | undefined = undefined;

  /** A dispatch begins. */
  begin(): void {
    this.reviewAt = undefined;
  }

  /** Whether a task may be told to wait now. `until` counts the first time. */
  allows(task: Task, now: Instant, until: Instant): boolean {
    const known = this.#endsAt.get(task);
    if (known === undefined && until > now) this.#endsAt.set(task, until);
    return this.allowsUntil(now, known ?? until);
  }

  /** The same up to an instant that follows from the task itself (its due date), and needs no memory. */
  allowsUntil(now: Instant, until: Instant): boolean {
    if (now >= until) return false;
    this.reviewAt = Math.min(this.reviewAt ?? Infinity, until);
    return true;
  }

  /** The task starts: if it comes back, it may wait again. */
  forget(task: Task): void {
    this.#endsAt.delete(task);
  }
}
