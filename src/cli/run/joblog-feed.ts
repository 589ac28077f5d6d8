/** From tasks that settle to lines of the job log: what a task was is remembered from its submission, for as long as it may run. */
import type { SettledFact } from "../../app/run/watch.ts";
import type { PlannedTask } from "../../protocol/task-plan.ts";
import { describeWork } from "./describe.ts";
import type { JobLog } from "./joblog.ts";

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGABRT: 6, SIGKILL: 9, SIGSEGV: 11, SIGPIPE: 13, SIGTERM: 15 };

export class JobLogFeed {
  readonly #log: JobLog;
  readonly #open = new Map<number, { readonly seq: number; readonly command: string }>();

  constructor(log: JobLog) {
    this.#log = log;
  }

  submitted(task: PlannedTask, id: number, number: number): void {
    this.#open.set(id, { seq: number, command: describeWork(task) });
  }

  settled({ task, label, state, last, error }: SettledFact): void {
    if (last === undefined) return;
    // What was not asked for in this start, as with --retry-failed, has only its number in the file.
    const job = this.#open.get(task.id) ?? { seq: task.id, command: label };
    // One that did not succeed may be redriven, and is the same job then.
    if (state === "succeeded") this.#open.delete(task.id);
    else this.#open.set(task.id, job);
    const startedAt = last.usage?.startedAt ?? last.assignedAt;
    const failure = state === "succeeded" || error === undefined ? undefined : (JSON.parse(error) as { readonly exit_code?: number | null; readonly signal?: string | null });
    const signal = failure?.signal ?? null;
    this.#log.write({
      seq: job.seq,
      startedAt,
      runtimeMs: Math.max(0, last.endedAt - startedAt),
      exitCode: state === "succeeded" ? 0 : (failure?.exit_code ?? (signal === null ? 1 : 0)),
      signal: signal === null ? 0 : (SIGNAL_NUMBERS[signal] ?? 0),
      command: job.command,
    });
  }
}
