/**
 * Requests from outside: another process (the command line) may append a request to the store while the engine owns it. The
 * engine looks for them from time to time, carries them out as events, and deletes each in the commit that makes its effect
 * durable, so that it is carried out exactly once.
 */
import type { Payload, Selection } from "../core/event.ts";
import type { TaskId } from "../core/task.ts";
import type { RequestRow } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import type { Clock, Timer } from "./clock.ts";
import type { SettingEvent } from "./settings.ts";

/** What can be asked of an engine through its store. */
export type OutsideRequest =
  | { readonly kind: "cancel"; readonly select: Selection; readonly reason: string }
  | { readonly kind: "redrive"; readonly ids: readonly TaskId[] }
  | { readonly kind: "answer"; readonly id: TaskId; readonly answer: Payload }
  | SettingEvent;

const BATCH = 100;

export interface RequestsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly everyMs: number;
  /** Carries one out; it is done when its effect is durable. */
  readonly carryOut: (request: OutsideRequest, requestId: number) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
}

export class Requests {
  readonly #options: RequestsOptions;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: RequestsOptions) {
    this.#options = options;
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #schedule(): void {
    if (this.#stopped || !Number.isFinite(this.#options.everyMs)) return;
    this.#timer = this.#options.clock.after(this.#options.everyMs, () => {
      this.#look().then(() => this.#schedule(), this.#options.onError);
    }, true);
  }

  async #look(): Promise<void> {
    const rows = await this.#options.store.requestList(BATCH);
    for (const row of rows) {
      if (this.#stopped) return;
      // A refused request is done too: its effect is that nothing happens. One that cannot be read must not come back for ever.
      await this.#options.carryOut(parse(row), row.id).catch(() => {});
    }
  }
}

function parse(row: RequestRow): OutsideRequest {
  try {
    const request = JSON.parse(row.request) as OutsideRequest;
    if (KINDS.has(request.kind) && isWhole(request)) return request;
  } catch {
    // Falls through: text that is not JSON asks for nothing.
  }
  return { kind: "cancel", select: { ids: [] }, reason: "unreadable_request" };
}

/** Whether a choice says what it chooses: anybody can write into a file. */
function isWhole(request: OutsideRequest): boolean {
  if (request.kind === "policy") return typeof request.queue === "string" && typeof request.policy === "string";
  if (request.kind === "balancer") return typeof request.balancer === "string";
  if (request.kind !== "fair-share") return true;
  return typeof request.queue === "string" && (request.weights === null || Object.values(request.weights).every((weight) => Number.isFinite(weight) && weight > 0));
}

const KINDS: ReadonlySet<string> = new Set(["cancel", "redrive", "answer", "pause", "resume", "policy", "balancer", "fair-share"]);
