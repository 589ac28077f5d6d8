/**
 * The attempts that run on an agent. Usually one for a task; a second one is there when a retry starts while an attempt that
 * was told to stop has not ended.
 */
import { PagedTable } from "../../core/struct/paged-table.ts";
import type { TaskId } from "../../core/task.ts";
import type { AttemptRun } from "./attempt-run.ts";

export class RunningSet {
  readonly #byTask = new PagedTable<AttemptRun>();

  add(run: AttemptRun): void {
    const { id } = run.start;
    run.older = this.#byTask.get(id);
    this.#byTask.set(id, run);
  }

  remove(run: AttemptRun): void {
    const { id } = run.start;
    const newest = this.#byTask.get(id);
    if (newest === run) {
      if (run.older === undefined) this.#byTask.delete(id);
      else this.#byTask.set(id, run.older);
      return;
    }
    for (let at = newest; at !== undefined; at = at.older) {
      if (at.older === run) at.older = run.older;
    }
  }

  get(id: TaskId, attempt: number): AttemptRun | undefined {
    let run = this.#byTask.get(id);
    while (run !== undefined && run.start.attempt !== attempt) run = run.older;
    return run;
  }

  get isEmpty(): boolean {
    return this.#byTask.size === 0;
  }

  all(): readonly AttemptRun[] {
    const runs: AttemptRun[] = [];
    for (const run of this.#byTask.values()) {
      for (let at: AttemptRun | undefined = run; at !== undefined; at = at.older) runs.push(at);
    }
    return runs;
  }
}
