/**
 * How the columns of a task travel from the engine's thread to the thread that owns the file. Columns that tend to change
 * together form a *section*; a row carries the sections that are not at their defaults, so a plain task is a dozen numbers.
 * Writer (encode-commit.ts) and reader (commit-writer.ts) go by the order given here.
 *
 * Row of an insert: [mask, id, state, spec_id, created_at, input, …sections]; of a patch: [mask, id, state, …sections]. A text
 * is its length in the shared text, or -(n+1) for the nth long text, or NaN for null.
 */

/** number: NaN is null. text: as is. payload: packed before it is stored. */
export type ColumnKind = "number" | "text" | "payload";

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  /** What the schema stores when an insert leaves the column out. */
  readonly initial: number | null;
}

export interface Section {
  readonly bit: number;
  readonly columns: readonly Column[];
  /** A patch writes back the defaults when the stored row may hold something else; payloads and what never changes stay. */
  readonly restored: boolean;
}

/** Bits of the mask, in the order in which the sections follow each other. */
export const RUN = 1;
export const READY = 2;
export const END = 4;
export const USE = 8;
export const LAPSE = 16;
export const WAIT = 32;
export const FLOW = 64;
export const RESULT = 128;
export const ERROR = 256;
export const CHECKPOINT = 512;
export const ANSWER = 1024;
// Only in inserts: these never change.
export const PARENT = 2048;
export const NAME = 4096;
export const KEY = 8192;
export const LIMIT = 16384;
export const PLAN = 32768;

/** A text longer than this travels on its own, not as part of the shared text. */
export const LONG_TEXT = 4096;

const zero = (name: string): Column => ({ name, kind: "number", initial: 0 });
const none = (name: string): Column => ({ name, kind: "number", initial: null });
const text = (name: string): Column => ({ name, kind: "text", initial: null });
const payload = (name: string): Column => ({ name, kind: "payload", initial: null });

export const SECTIONS: readonly Section[] = [
  { bit: RUN, columns: [zero("attempt"), none("agent_id"), zero("assigned_at")], restored: true },
  { bit: READY, columns: [zero("first_ready_at"), zero("ready_at")], restored: true },
  { bit: END, columns: [zero("started_at"), zero("finished_at")], restored: true },
  { bit: USE, columns: [zero("cpu_ms"), zero("peak_memory_bytes"), zero("cost")], restored: true },
  { bit: LAPSE, columns: [zero("failures"), zero("losses"), zero("served_ms")], restored: true },
  { bit: WAIT, columns: [none("release_at"), none("parked_for"), zero("answered"), text("reason")], restored: true },
  { bit: FLOW, columns: [none("flow_id")], restored: true },
  { bit: RESULT, columns: [payload("result")], restored: false },
  { bit: ERROR, columns: [payload("error")], restored: false },
  { bit: CHECKPOINT, columns: [payload("checkpoint")], restored: false },
  { bit: ANSWER, columns: [payload("answer")], restored: false },
  { bit: PARENT, columns: [none("parent_id"), text("needs")], restored: false },
  { bit: NAME, columns: [text("name")], restored: false },
  { bit: KEY, columns: [text("key")], restored: false },
  { bit: LIMIT, columns: [text("limit_key"), none("limit_of_key")], restored: false },
  { bit: PLAN, columns: [none("due_at"), none("deadline_at"), none("estimate_ms")], restored: false },
];

/** Sections in which a stored row may hold something that a patch must put back to its default. */
export const RESTORED_MASK = SECTIONS.reduce((mask, section) => (section.restored ? mask | section.bit : mask), 0);

/** Columns of every insert, after the mask. */
export const INSERT_COLUMNS: readonly Column[] = [none("id"), none("state"), none("spec_id"), none("created_at"), payload("input")];

/** No row takes more numbers than this. */
export const ROW_NUMBERS_MAX = 1 + INSERT_COLUMNS.length + SECTIONS.reduce((count, section) => count + section.columns.length, 0);
