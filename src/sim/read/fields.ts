/**
 * The fields of a task in a workload file, each with how its text is read. Every reader of lines uses this table, so that a column
 * means the same in all formats. Times in files are seconds; `needs` are ids separated by spaces, `;` or `|`.
 */
import type { Use } from "../../core/task.ts";
import { SimulationRefusal } from "../refusal.ts";
import type { TaskEntry } from "../workload/list.ts";

export type EntryDraft = { -readonly [Key in keyof TaskEntry]: TaskEntry[Key] };

/** What a file may hold in a field: text of a column, or a JSON value. */
export type FieldValue = string | number | readonly unknown[];

type Setter = (draft: EntryDraft, value: FieldValue, at: Place) => void;

/** Where a value stands, for messages. */
export interface Place {
  readonly line: number;
  readonly field: string;
}

const FIELDS: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  ["arrival_s", (draft, value, at) => (draft.arrivalMs = secondsOf(value, at) * 1000)],
  ["service_s", (draft, value, at) => (draft.serviceMs = secondsOf(value, at) * 1000)],
  ["id", (draft, value, at) => (draft.id = textOf(value, at))],
  ["type", (draft, value, at) => (draft.type = textOf(value, at))],
  ["queue", (draft, value, at) => (draft.queue = textOf(value, at))],
  ["tenant", (draft, value, at) => (draft.tenant = textOf(value, at))],
  ["session", (draft, value, at) => (draft.session = textOf(value, at))],
  ["region", (draft, value, at) => (draft.region = textOf(value, at))],
  ["limit_key", (draft, value, at) => (draft.limitKey = textOf(value, at))],
  ["priority", (draft, value, at) => (draft.priority = numberOf(value, at, -Infinity, "a number"))],
  ["weight", (draft, value, at) => (draft.weight = numberOf(value, at, Number.MIN_VALUE, "a number greater than 0"))],
  ["due_s", (draft, value, at) => (draft.dueMs = secondsOf(value, at) * 1000)],
  ["deadline_s", (draft, value, at) => (draft.deadlineMs = secondsOf(value, at) * 1000)],
  ["estimate_s", (draft, value, at) => (draft.estimateMs = secondsOf(value, at) * 1000)],
  ["think_s", (draft, value, at) => (draft.thinkMs = secondsOf(value, at) * 1000)],
  ["cost", (draft, value, at) => (draft.cost = numberOf(value, at, 0, "a number of 0 or more"))],
  ["size", (draft, value, at) => (draft.size = numberOf(value, at, 0, "a number of 0 or more"))],
  ["needs", (draft, value, at) => (draft.needs = idsOf(value, at))],
  ["uses", (draft, value, at) => (draft.uses = usesOf(value, at))],
]);

/** Every field by its name in files. */
export const FIELD_NAMES: readonly string[] = [...FIELDS.keys()];
export const REQUIRED_FIELDS = ["arrival_s", "service_s"] as const;

/** Fields whose values are numbers, which a mapping may compute. */
export const NUMBER_FIELDS: ReadonlySet<string> = new Set(["arrival_s", "service_s", "priority", "weight", "due_s", "deadline_s", "estimate_s", "think_s", "cost", "size"]);

export function emptyEntry(line: number): EntryDraft {
  return { arrivalMs: Number.NaN, serviceMs: Number.NaN, line };
}

/** Sets a field by its name in files. Throws a refusal with line and field when the value is not what the field takes. */
export function setField(draft: EntryDraft, field: string, value: FieldValue, line: number): void {
  FIELDS.get(field)!(draft, value, { line, field });
}

/** Throws when a required field is missing. */
export function checkEntry(draft: EntryDraft): TaskEntry {
  const missing = Number.isNaN(draft.arrivalMs) ? "arrival_s" : Number.isNaN(draft.serviceMs) ? "service_s" : undefined;
  if (missing !== undefined) throw new SimulationRefusal("invalid_input", `Line ${draft.line}: ${missing} is missing; a task needs ${REQUIRED_FIELDS.join(" and ")}.`, { line: draft.line });
  return draft;
}

export function refuseValue({ line, field }: Place, expected: string, value: unknown): never {
  throw new SimulationRefusal("invalid_input", `Line ${line}: ${field} is ${expected}, got ${JSON.stringify(value)}.`, { line, field });
}

function secondsOf(value: FieldValue, at: Place): number {
  return numberOf(value, at, 0, "a number of seconds, 0 or more");
}

function numberOf(value: FieldValue, at: Place, least: number, expected: string): number {
  const number = typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return Number.isFinite(number) && number >= least ? number : refuseValue(at, expected, value);
}

function textOf(value: FieldValue, at: Place): string {
  return typeof value === "object" ? refuseValue(at, "a text or a number", value) : String(value);
}

function idsOf(value: FieldValue, at: Place): readonly string[] {
  if (typeof value !== "object") return String(value).split(/[\s;|]+/).filter((id) => id !== "");
  return value.map((id) => (typeof id === "string" || typeof id === "number" ? String(id) : refuseValue(at, "a list of ids", value)));
}

/** `gpu=1;tokens=500`. */
function usesOf(value: FieldValue, at: Place): readonly Use[] {
  return idsOf(value, at).map((text) => {
    const [limit = "", amount = ""] = text.split("=");
    const number = Number(amount);
    return limit !== "" && amount !== "" && number > 0 && number < Infinity ? { limit, amount: number } : refuseValue(at, "a list of limit=amount", value);
  });
}
