/**
 * The voice of one attempt: it turns what the agent says into events that carry the attempt's token. Sizes are checked here,
 * once for every kind of agent.
 */
import type { Event, Failure, Payload, Reply, Usage } from "../core/event.ts";
import type { ParkReason, TaskId } from "../core/task.ts";
import { MakespanError } from "../protocol/errors.ts";
import type { LogRow } from "../store/rows.ts";
import type { AttemptReporter, ChildRequest } from "./agent.ts";
import type { Clock } from "./clock.ts";
import type { EngineLimits } from "./limits.ts";
import { bytesIfOver, sizeSentence } from "./payload-size.ts";
import { refusalOf } from "./refusal.ts";
import type { Turns } from "./turns.ts";
import type { Note } from "./types.ts";

export interface ReporterContext {
  readonly turns: Turns;
  /** Resolves with the reply once it is durable; rejects when the engine cannot give one any more. */
  readonly post: (event: Event) => Promise<Reply>;
  readonly clock: Clock;
  readonly limits: EngineLimits;
  readonly note: (note: Note) => void;
  readonly submitChild: (child: ChildRequest, by: { readonly id: TaskId; readonly attempt: number }) => Promise<TaskId>;
}

export class Reporter implements AttemptReporter {
  readonly #context: ReporterContext;
  readonly #id: TaskId;
  readonly #attempt: number;
  #logBytes = 0;

  constructor(context: ReporterContext, id: TaskId, attempt: number) {
    this.#context = context;
    this.#id = id;
    this.#attempt = attempt;
  }

  succeed(result: Payload, usage: Usage): void {
    const bytes = bytesIfOver(result, this.#context.limits.payloadBytes);
    if (bytes === undefined) this.#context.turns.post({ kind: "succeed", id: this.#id, attempt: this.#attempt, result, usage });
    else this.fail(tooLarge("result", bytes, this.#context.limits.payloadBytes), usage);
  }

  fail(failure: Failure, usage: Usage): void {
    this.#context.turns.post({ kind: "fail", id: this.#id, attempt: this.#attempt, failure, usage });
  }

  park(until: ParkReason, checkpoint: Payload | undefined, usage: Usage): void {
    const bytes = checkpoint === undefined ? undefined : bytesIfOver(checkpoint, this.#context.limits.payloadBytes);
    if (bytes !== undefined) return this.fail(tooLarge("checkpoint", bytes, this.#context.limits.payloadBytes), usage);
    this.#context.turns.post({ kind: "park", id: this.#id, attempt: this.#attempt, until, usage, ...(checkpoint !== undefined && { checkpoint }) });
  }

  release(checkpoint: Payload | undefined, usage: Usage): void {
    const isKept = checkpoint !== undefined && bytesIfOver(checkpoint, this.#context.limits.payloadBytes) === undefined;
    this.#context.turns.post({ kind: "release", id: this.#id, attempt: this.#attempt, usage, ...(isKept && { checkpoint }) });
  }

  backOff(limit: string, retryAfterMs: number, checkpoint: Payload | undefined, usage: Usage): void {
    const isKept = checkpoint !== undefined && bytesIfOver(checkpoint, this.#context.limits.payloadBytes) === undefined;
    this.#context.turns.post({ kind: "backoff", id: this.#id, attempt: this.#attempt, limit, retryAfterMs, usage, ...(isKept && { checkpoint }) });
  }

  async checkpoint(checkpoint: Payload): Promise<void> {
    const bytes = bytesIfOver(checkpoint, this.#context.limits.payloadBytes);
    if (bytes !== undefined) throw new MakespanError("payload_too_large", sizeSentence("checkpoint", bytes, this.#context.limits.payloadBytes));
    const reply = await this.#context.post({ kind: "checkpoint", id: this.#id, attempt: this.#attempt, checkpoint });
    if (reply.kind === "refused") throw refusalOf(reply);
  }

  submit(child: ChildRequest): Promise<TaskId> {
    return this.#context.submitChild(child, { id: this.#id, attempt: this.#attempt });
  }

  log(level: LogRow["level"], text: string): void {
    const limit = this.#context.limits.logBytesPerAttempt;
    if (this.#logBytes > limit) return;
    this.#logBytes += text.length;
    const isOver = this.#logBytes > limit;
    const line: LogRow = {
      taskId: this.#id,
      attempt: this.#attempt,
      at: this.#context.clock.now(),
      level: isOver ? "warn" : level,
      text: isOver ? `The log of this attempt passed ${limit} bytes; the rest is dropped.` : text,
    };
    this.#context.turns.log(line);
    this.#context.note({ kind: "log", line });
  }

  progress(fraction: number, note?: string): void {
    this.#context.note({ kind: "progress", id: this.#id, attempt: this.#attempt, fraction: Math.min(1, Math.max(0, fraction)), note });
  }
}

function tooLarge(what: string, bytes: number, limitBytes: number): Failure {
  const message = sizeSentence(what, bytes, limitBytes);
  return { code: "payload_too_large", error: JSON.stringify({ code: "payload_too_large", message }), retryable: false };
}
