// A preemptible task type that works in steps, notes each step that it has done, and saves a checkpoint after it.
import { defineTask } from "../../src/app/index.ts";
import type { VirtualClock } from "../../src/testing/index.ts";

export const STEP_MS = 10;

/** `steps` by job, the input; every step done goes to the job's list. */
export function steppedTask(clock: VirtualClock, steps: readonly number[], done: readonly number[][]) {
  return defineTask({
    type: "stepped",
    preemptible: true,
    handler: async (job: number, { checkpoint, restored, signal }) => {
      for (let step = (restored as number | undefined) ?? 0; step < steps[job]!; step++) {
        signal.throwIfAborted();
        await clock.sleep(STEP_MS);
        done[job]!.push(step);
        await checkpoint(step + 1);
      }
    },
  });
}
