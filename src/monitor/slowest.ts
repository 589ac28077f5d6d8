/** The ten tasks with the longest service, kept in order while tasks stream by. Of equals, the first to come stays. */
import type { SettledTask } from "./measures.ts";
import type { SlowTask } from "./summary.ts";

const KEPT = 10;

export class Slowest {
  readonly #tasks: SlowTask[] = [];

  add(task: SettledTask, serviceMs: number, waitMs: number | undefined): void {
    const last = this.#tasks.at(-1);
    if (this.#tasks.length === KEPT && last !== undefined && serviceMs <= last.service_ms) return;
    let place = this.#tasks.length;
    while (place > 0 && (this.#tasks[place - 1]?.service_ms ?? Infinity) < serviceMs) place -= 1;
    const { taskId, name, type, state, agent, attempts } = task;
    this.#tasks.splice(place, 0, {
      task_id: taskId, name, type, state, agent, service_ms: serviceMs, wait_ms: waitMs ?? null, attempts,
    });
    if (this.#tasks.length > KEPT) this.#tasks.pop();
  }

  list(): readonly SlowTask[] {
    return [...this.#tasks];
  }
}
