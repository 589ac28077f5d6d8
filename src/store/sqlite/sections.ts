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
  /** The table that has the columns: what most tasks never need lies in a table of its own (see schema.ts). */
  readonly table: "task" | "task_extra";
  readonly columns: readonly Column[];
  /** A patch writes back the defaults when the stored row may hold something else; payloads and what never changes stay. */
  readonly restored: boolean;
}

// Bits of the mask. Those that a patch may put back to their defaults come first, so that they fit in 16 bits.
export const RUN = 1;
export const READY = 2;
export const END = 4;
export const FLOW = 8;
export const REASON = 16;
export const USE = 32;
export const LAPSE = 64;
export const WAIT = 128;
export const RESULT = 256;
export const ERROR = 512;
export const CHECKPOINT = 1024;
export const ANSWER = 2048;
// Only in inserts: these never change.
export const NAME = 4096;
export const KEY = 8192;
export const ORIGIN = 16384;
export const LIMIT = 32768;
export const PLAN = 65536;
export const GROUP = 131072;
export const TRAITS = 262144;
/** Greater than every mask. */
export const MASKS = 524288;

// The numbers at the head of a commit, before its rows.
export const EPOCH = 0;
export const LIVE_FROM = 1;
export const INSERTS = 2;
export const PATCHES = 3;
/** Lines of the log: a chatty command writes more of them than there are tasks. */
export const LOGS = 4;
/** The earliest finish among its rows; Infinity when none is final. */
export const OLDEST_FINISHED_AT = 5;
export const HEAD_NUMBERS = 6;

/** A text longer than this travels on its own, not as part of the shared text. */
export const LONG_TEXT = 4096;
/** From this length on the shared text takes no more, and every text travels on its own: V8 has no string of 2^29 characters. */
export const SHARED_TEXT = 2 ** 24;

const zero = (name: string): Column => ({ name, kind: "number", initial: 0 });
const none = (name: string): Column => ({ name, kind: "number", initial: null });
const text = (name: string): Column => ({ name, kind: "text", initial: null });
const payload = (name: string): Column => ({ name, kind: "payload", initial: null });

/** In the order in which they follow each other in a row; those of `task` come first. */
export const SECTIONS: readonly Section[] = [
  { bit: RUN, table: "task", columns: [zero("attempt"), none("agent_id"), zero("assigned_at")], restored: true },
  { bit: READY, table: "task", columns: [zero("first_ready_at"), zero("ready_at")], restored: true },
  { bit: END, table: "task", columns: [zero("started_at"), zero("finished_at")], restored: true },
  { bit: FLOW, table: "task", columns: [none("flow_id")], restored: true },
  { bit: REASON, table: "task", columns: [text("reason")], restored: true },
  { bit: RESULT, table: "task", columns: [payload("result")], restored: false },
  { bit: ERROR, table: "task", columns: [payload("error")], restored: false },
  { bit: NAME, table: "task", columns: [text("name")], restored: false },
  { bit: KEY, table: "task", columns: [text("key")], restored: false },
  { bit: USE, table: "task_extra", columns: [zero("cpu_ms"), zero("peak_memory_bytes"), zero("cost")], restored: true },
  { bit: LAPSE, table: "task_extra", columns: [zero("failures"), zero("losses"), zero("served_ms")], restored: true },
  { bit: WAIT, table: "task_extra", columns: [none("release_at"), none("parked_for"), zero("answered")], restored: true },
  { bit: CHECKPOINT, table: "task_extra", columns: [payload("checkpoint")], restored: false },
  { bit: ANSWER, table: "task_extra", columns: [payload("answer")], restored: false },
  { bit: ORIGIN, table: "task_extra", columns: [none("parent_id"), text("needs")], restored: false },
  { bit: LIMIT, table: "task_extra", columns: [text("limit_key"), none("limit_of_key")], restored: false },
  { bit: PLAN, table: "task_extra", columns: [none("due_at"), none("deadline_at"), none("estimate_ms")], restored: false },
  { bit: GROUP, table: "task_extra", columns: [text("tenant"), text("session"), none("weight")], restored: false },
  { bit: TRAITS, table: "task_extra", columns: [none("size"), text("region"), text("uses")], restored: false },
];

/** Sections in which a stored row may hold something that a patch must put back to its default. */
export const RESTORED_MASK = SECTIONS.reduce((mask, section) => (section.restored ? mask | section.bit : mask), 0);

/** Columns of every insert, after the mask. */
export const INSERT_COLUMNS: readonly Column[] = [none("id"), none("state"), none("spec_id"), none("created_at"), payload("input")];

/** No row takes more numbers than this. */
export const ROW_NUMBERS_MAX = 1 + INSERT_COLUMNS.length + SECTIONS.reduce((count, section) => count + section.columns.length, 0);
