/** A reporter that keeps what an attempt says, for tests of agents without an engine. */
import assert from "node:assert/strict";
import type { Failure, Usage } from "../../src/core/event.ts";
import type { ParkReason, TaskId } from "../../src/core/task.ts";
import type { AttemptReporter, AttemptStart, ChildRequest } from "../../src/engine/agent.ts";
import type { LogRow } from "../../src/store/rows.ts";

export type Report =
  | { readonly kind: "succeed"; readonly result: string; readonly usage: Usage }
  | { readonly kind: "fail"; readonly failure: Failure; readonly usage: Usage }
  | { readonly kind: "park"; readonly until: ParkReason; readonly checkpoint: string | undefined; readonly usage: Usage }
  | { readonly kind: "release"; readonly checkpoint: string | undefined; readonly usage: Usage }
  | { readonly kind: "back-off"; readonly limit: string; readonly retryAfterMs: number; readonly checkpoint: string | undefined; readonly usage: Usage };

export class RecordingReporter implements AttemptReporter {
  readonly ended: Promise<Report>;
  readonly reports: Report[] = [];
  readonly logs: (readonly [LogRow["level"], string])[] = [];
  readonly progressed: (readonly [number, string | undefined])[] = [];
  readonly checkpoints: string[] = [];
  readonly children: ChildRequest[] = [];
  /** Rejects every checkpoint and child with this, if set. */
  refusal: Error | undefined = undefined;
  readonly #watchers = new Set<() => void>();
  #resolve: (report: Report) => void = () => undefined;

  constructor() {
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
  }

  succeed(result: string, usage: Usage): void {
    this.#end({ kind: "succeed", result, usage });
  }
  fail(failure: Failure, usage: Usage): void {
    this.#end({ kind: "fail", failure, usage });
  }
  park(until: ParkReason, checkpoint: string | undefined, usage: Usage): void {
    this.#end({ kind: "park", until, checkpoint, usage });
  }
  release(checkpoint: string | undefined, usage: Usage): void {
    this.#end({ kind: "release", checkpoint, usage });
  }
  backOff(limit: string, retryAfterMs: number, checkpoint: string | undefined, usage: Usage): void {
    this.#end({ kind: "back-off", limit, retryAfterMs, checkpoint, usage });
  }
  async checkpoint(checkpoint: string): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    this.checkpoints.push(checkpoint);
    this.#changed();
  }
  async submit(child: ChildRequest): Promise<TaskId> {
    if (this.refusal !== undefined) throw this.refusal;
    this.children.push(child);
    this.#changed();
    return 100 + this.children.length;
  }
  log(level: LogRow["level"], text: string): void {
    this.logs.push([level, text]);
    this.#changed();
  }
  progress(fraction: number, note?: string): void {
    this.progressed.push([fraction, note]);
    this.#changed();
  }

  /** Resolves once `holds` does. */
  async until(holds: (reporter: this) => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!holds(this)) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Its result, parsed. */
  async result(): Promise<unknown> {
    const report = await this.ended;
    assert.equal(report.kind, "succeed", JSON.stringify(report));
    return report.kind === "succeed" ? JSON.parse(report.result) : undefined;
  }

  /** Its failure, with the error parsed. */
  async failure(): Promise<Omit<Failure, "error"> & { readonly error: Readonly<Record<string, unknown>> & { readonly message: string } }> {
    const report = await this.ended;
    assert.equal(report.kind, "fail", JSON.stringify(report));
    assert.ok(report.kind === "fail");
    return { ...report.failure, error: JSON.parse(report.failure.error) };
  }

  #end(report: Report): void {
    this.reports.push(report);
    this.#resolve(report);
    this.#changed();
  }

  #changed(): void {
    for (const look of this.#watchers) look();
  }
}

let lastId = 0;

/** A start of a new task with everything optional left out. */
export function attemptStart(type: string, input: unknown, more: Partial<AttemptStart> = {}): AttemptStart {
  return {
    id: ++lastId,
    attempt: 1,
    type,
    name: undefined,
    input: JSON.stringify(input ?? null),
    dueAt: undefined,
    timeoutMs: undefined,
    checkpoint: undefined,
    wake: undefined,
    needs: [],
    ...more,
  };
}
