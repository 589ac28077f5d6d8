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

/** The other settings are changed by the owner only. */
type AskedKind = Exclude<OutsideRequest["kind"], "distances" | "limit">;

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
    const request = JSON.parse(row.request) as { readonly kind: AskedKind };
    if (Object.hasOwn(IS_WHOLE, request.kind) && (IS_WHOLE[request.kind] as (request: unknown) => boolean)(request)) return request as OutsideRequest;
  } catch {
    // Falls through: text that is not JSON, or is no object, asks for nothing.
  }
  return { kind: "cancel", select: { ids: [] }, reason: "unreadable_request" };
}

const isText = (value: unknown): boolean => typeof value === "string";
const isId = (value: unknown): boolean => Number.isSafeInteger(value);
const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const areIds = (value: unknown): boolean => Array.isArray(value) && value.every(isId);
const areWeights = (value: object): boolean => Object.values(value).every((weight) => Number.isFinite(weight) && weight > 0);

const SELECTION: Readonly<Record<keyof Selection, (value: unknown) => boolean>> = {
  ids: areIds,
  flowId: isId,
  types: areTexts,
  queue: isText,
  tenant: isText,
  session: isText,
  states: areTexts,
};

/** A name that nobody knows must not be passed over: what is left of the choice would mean more tasks, if not all. */
function isSelection(select: unknown): boolean {
  return typeof select === "object" && select !== null && Object.entries(select).every(([name, value]) => Object.hasOwn(SELECTION, name) && SELECTION[name as keyof Selection](value));
}

/** Whether a request of each kind says what it asks for: anybody can write into a file. */
const IS_WHOLE: { readonly [Kind in AskedKind]: (request: Extract<OutsideRequest, { kind: Kind }>) => boolean } = {
  cancel: ({ select, reason }) => isSelection(select) && isText(reason),
  redrive: ({ ids }) => areIds(ids),
  answer: ({ id, answer }) => isId(id) && isText(answer),
  pause: ({ queue }) => queue === undefined || isText(queue),
  resume: ({ queue }) => queue === undefined || isText(queue),
  policy: ({ queue, policy }) => isText(queue) && isText(policy),
  balancer: ({ balancer }) => isText(balancer),
  "fair-share": ({ queue, weights }) => isText(queue) && (weights === null || areWeights(weights)),
};
