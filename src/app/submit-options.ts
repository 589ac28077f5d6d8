/** Options of a submission: read once, checked, and turned into the parts of the engine's task that they set. */
import type { Need } from "../core/event.ts";
import type { SubmitTask } from "../engine/types.ts";
import { MakespanError } from "../protocol/errors.ts";
import { describeValue } from "../protocol/json.ts";
import { formatTaskId, parseTaskId } from "../protocol/ids.ts";
import { checkBoolean, checkInteger, checkKeys, checkNumber, checkObject, checkOneOf, checkText, checkTime, type Time } from "./check.ts";
import { checkUses, type Uses } from "./limits.ts";
import { SETTING_KEYS, type SettingsTable, type TaskSettings } from "./task-settings.ts";
import { TRAIT_KEYS, traitsOf } from "./task-traits.ts";

/** A task that exists: a handle, what `get` gave, or an id such as `t17`. */
export type TaskRef = string | { readonly id: string };

/** What becomes of a task that cannot make its due date. */
export type IfLate = "accept" | "refuse" | "downgrade";

const IF_LATE = ["accept", "refuse", "downgrade"] as const;

export interface SubmitOptions extends TaskSettings {
  /** For people: shown in lists and timelines, and how outcomes of a flow are found. */
  readonly name?: string;
  /** Idempotency key: a second submission with the same key gets the first task. */
  readonly key?: string;
  /** If the task of the same key is final and did not succeed, take its place. Default false. */
  readonly rerun?: boolean;
  /** When it should be done; nothing happens when it is late, but policies and KPIs know. */
  readonly dueAt?: Time;
  /** If it is not done by then, it expires. */
  readonly deadlineAt?: Time;
  /**
   * What becomes of it when, by the forecast at submission, it will not be done by its due date (or deadline): `refuse` rejects the
   * submission with `cannot_make_it`; `downgrade` accepts it as best effort, ranked as if it had no due date and low priority
   * (`handle.downgraded` says so). Default `accept`.
   */
  readonly ifLate?: IfLate;
  /** Not before this time. */
  readonly releaseAt?: Time;
  /** Not before so many ms from now. */
  readonly delayMs?: number;
  /** How long it is likely to take, in ms. */
  readonly estimateMs?: number;
  /** What its duration grows with (tokens, bytes, rows), 0 or more: durations are learned by type and size. Default what its definition says. */
  readonly size?: number;
  /** At most `max` (default 1) of the tasks with the same limit key run at once. */
  readonly limit?: { readonly key: string; readonly max?: number };
  /** What it uses of declared limits while it runs, in their units: `{ tokens: 2500 }`. Default what its definition says. */
  readonly uses?: Uses;
  /** Tasks that must be final first; the handler finds their outcomes in `context.needs`. */
  readonly needs?: readonly TaskRef[];
}

const OPTION_KEYS: ReadonlySet<string> = new Set([
  ...SETTING_KEYS, ...TRAIT_KEYS, "name", "key", "rerun", "dueAt", "deadlineAt", "ifLate", "releaseAt", "delayMs", "estimateMs", "limit", "uses", "needs",
]);
const LIMIT_KEYS: ReadonlySet<string> = new Set(["key", "max"]);

/** A task of the engine but for its input. */
export type TaskShape = Omit<SubmitTask, "input">;

/** Finds out what `needs` names: the id of a task, or (in a flow) one of the same submission. */
export type NeedReader = (ref: unknown) => Need;

export const readTaskRef: NeedReader = (ref) => ({ kind: "task", id: taskIdOf(ref) });

/** The id inside. Throws `invalid_option`. */
export function taskIdOf(ref: unknown): number {
  if (typeof ref === "string") return parseTaskId(ref);
  if (typeof ref === "object" && ref !== null && "id" in ref) return parseTaskId(ref.id);
  throw new MakespanError("invalid_option", `A task is named by its handle or its id (${formatTaskId(17)}), not by ${describeValue(ref)}.`);
}

/** Throws `invalid_option`. `now` is the engine's time. */
export function shapeOf(settings: SettingsTable, options: SubmitOptions | undefined, now: number, readNeed: NeedReader = readTaskRef): TaskShape {
  const { base, traits } = settings;
  if (options === undefined) return traits === undefined ? { spec: base } : { spec: base, ...traits };
  checkObject("The options of a submission", options);
  checkKeys("A submission", options, OPTION_KEYS);
  const { name, key, rerun, dueAt, deadlineAt, ifLate, releaseAt, delayMs, estimateMs, limit, uses, needs } = options;
  if (releaseAt !== undefined && delayMs !== undefined) throw new MakespanError("invalid_option", "A submission has releaseAt or delayMs, not both.");
  if (ifLate !== undefined && dueAt === undefined && deadlineAt === undefined) throw new MakespanError("invalid_option", "ifLate says what happens when a task cannot make its dueAt or deadlineAt: give one of them.");
  return {
    spec: settings.of(options),
    ...traits,
    ...traitsOf(options),
    ...(name !== undefined && { name: checkText("name", name) }),
    ...(key !== undefined && { key: checkText("key", key) }),
    ...(rerun !== undefined && { rerun: checkBoolean("rerun", rerun) }),
    ...(dueAt !== undefined && { dueAt: checkTime("dueAt", dueAt) }),
    ...(deadlineAt !== undefined && { deadlineAt: checkTime("deadlineAt", deadlineAt) }),
    ...(ifLate !== undefined && { ifLate: checkOneOf("ifLate", ifLate, IF_LATE) }),
    ...(releaseAt !== undefined && { releaseAt: checkTime("releaseAt", releaseAt) }),
    ...(delayMs !== undefined && { releaseAt: now + checkNumber("delayMs", delayMs, 0) }),
    ...(estimateMs !== undefined && { estimateMs: checkNumber("estimateMs", estimateMs, 0) }),
    ...(limit !== undefined && limitOf(limit)),
    ...(uses !== undefined && { uses: checkUses("uses", uses) }),
    ...(needs !== undefined && { needs: needsOf(needs, readNeed) }),
  };
}

function limitOf(limit: NonNullable<SubmitOptions["limit"]>): Pick<TaskShape, "limitKey" | "limitOfKey"> {
  checkObject("limit", limit);
  checkKeys("limit", limit, LIMIT_KEYS);
  return { limitKey: checkText("limit.key", limit.key), limitOfKey: limit.max === undefined ? 1 : checkInteger("limit.max", limit.max, 1) };
}

function needsOf(needs: unknown, readNeed: NeedReader): readonly Need[] {
  if (!Array.isArray(needs)) throw new MakespanError("invalid_option", `needs must be an array of tasks, not ${describeValue(needs)}.`);
  return needs.map(readNeed);
}
